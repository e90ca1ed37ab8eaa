"""Processes that crash, hang or talk nonsense."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import unittest.mock
from pathlib import Path

from gantry_saves import ParserError, SaveSession, SessionLost, SessionTimeout, find_binary

from .saves import COUNTRIES, SaveTest, write_save

ALL_KEYS = [*map(str, range(COUNTRIES)), "9000"]


class Crash(SaveTest):
    def kill(self, save: SaveSession) -> None:
        assert save.pid is not None
        os.kill(save.pid, signal.SIGKILL)

    def test_between_questions(self) -> None:
        with SaveSession(self.save) as save:
            self.assertEqual(save.count_keys(["ethos"]), {"ethos": COUNTRIES})
            self.kill(save)
            self.assertEqual(save.count_keys(["ethos"]), {"ethos": COUNTRIES})
            self.assertTrue(save.fell_back)
            self.assertIsNone(save.pid)
            self.assertEqual(save.get_entry("country", 1)["name"], "Empire 1")
            self.assert_no_child()

    def test_in_the_middle_of_a_stream_no_entry_is_lost_and_none_comes_twice(self) -> None:
        for killed_at in (0, 1, 200):
            with SaveSession(self.save) as save:
                seen = []
                for key, _ in save.iter_section("country", batch_size=1):
                    seen.append(key)
                    if len(seen) == killed_at + 1:
                        self.kill(save)
                self.assertEqual(seen, ALL_KEYS)

    def test_without_fallback(self) -> None:
        with SaveSession(self.save, fallback=False) as save:
            self.kill(save)
            for _ in range(2):
                with self.assertRaises(SessionLost):
                    save.count_keys(["ethos"])
            with self.assertRaises(SessionLost):
                list(save.iter_section("country"))
            self.assert_no_child()

    def test_a_save_that_has_changed_since_is_not_mixed_in(self) -> None:
        with SaveSession(self.save) as save:
            save.count_keys(["ethos"])
            write_save(self.save, "country={ 1={ name=other } }\n")
            self.assertEqual(save.count_keys(["ethos"]), {"ethos": COUNTRIES}, "the session has it in memory")
            self.kill(save)
            with self.assertRaises(ParserError) as caught:
                save.count_keys(["ethos"])
            self.assertEqual(caught.exception.error, "SaveChanged")

    def test_truncated_frames_and_nonsense(self) -> None:
        for said in (b'{"ok":true,"cou', b"nonsense\n", b"[1]\n", b"\xff\n"):
            (self.folder / "seen").unlink(missing_ok=True)
            binary = self.stand_in(f"""
                if first_time():
                    sys.stdin.readline()
                    sys.stderr.write("about to fail\\n")
                    sys.stderr.flush()
                    sys.stdout.buffer.write({said!r})
                    sys.exit(7)
                real()
            """)
            with SaveSession(self.save, binary=binary) as save:
                self.assertEqual(save.count_keys(["ethos"]), {"ethos": COUNTRIES}, said)
                self.assertTrue(save.fell_back)
            (self.folder / "seen").unlink()
            with SaveSession(self.save, binary=binary, fallback=False) as save:
                with self.assertRaises(SessionLost) as caught:
                    save.count_keys(["ethos"])
                if said.startswith(b"{"):
                    self.assertIn("in the middle of a frame", caught.exception.message)

    def test_a_crash_that_comes_again_is_an_error_with_the_last_words(self) -> None:
        binary = self.stand_in("""
            for number in range(300):
                print("line", number, file=sys.stderr)
            sys.stderr.flush()
            sys.stdin.readline()
            os.kill(os.getpid(), signal.SIGSEGV)
        """)
        with SaveSession(self.save, binary=binary) as save:
            with self.assertRaises(SessionLost) as caught:
                save.count_keys(["ethos"])
            lines = caught.exception.message.splitlines()
            self.assertIn("signal 11", lines[0])
            self.assertEqual(lines[1:], [f"line {number}" for number in range(280, 300)])
            self.assertEqual(len(save.stderr_lines()), 200)

    def test_saves_that_do_not_open(self) -> None:
        broken = self.folder / "broken.sav"
        broken.write_bytes(self.save.read_bytes()[:1000])
        for path, exit_code, error in ((self.folder / "no.sav", 1, "FileNotFound"), (broken, 2, "ParseError")):
            with SaveSession(path) as save:
                for _ in range(3):
                    with self.assertRaises(ParserError) as caught:
                        save.count_keys(["ethos"])
                    self.assertEqual((caught.exception.exit_code, caught.exception.error), (exit_code, error))

    def test_damage_has_a_line_and_a_column(self) -> None:
        write_save(self.save, 'a={ 1=2 }\ncountry={ 1={ name="x" }\n')
        with SaveSession(self.save) as save:
            self.assertEqual(save.get_entry("a", 1), "2")
            with self.assertRaises(ParserError) as caught:
                save.get_entry("country", 1)
            self.assertEqual((caught.exception.line, caught.exception.col), (2, 9))
            self.assertEqual((caught.exception.exit_code, caught.exception.error), (2, "ParseError"))


class Hang(SaveTest):
    HANGS = "while True: signal.pause()\n"

    def test_it_is_killed_and_the_next_question_has_a_process_of_its_own(self) -> None:
        binary = self.stand_in(f"""
            if first_time():
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                {self.HANGS}
            real()
        """)
        with SaveSession(self.save, 0.2, binary=binary) as save:
            # The stand-in is Python itself, which may take longer than that to begin.
            with self.assertRaises(SessionTimeout) as caught:
                save.count_keys(["ethos"])
            self.assertIn("said nothing for 0.2 s", caught.exception.message)
            self.assert_no_child()
            (self.folder / "seen").touch()
            save.timeout = 30
            self.assertEqual(save.count_keys(["ethos"]), {"ethos": COUNTRIES})

    def test_a_stream_that_stops(self) -> None:
        binary = self.stand_in(f"""
            sys.stdin.readline()
            print('{{"ok":true,"stream":true}}\\n{{"ok":true,"entry":{{"key":"1","value":"2"}}}}', flush=True)
            {self.HANGS}
        """)
        with SaveSession(self.save, binary=binary) as save:
            entries = save.iter_section("country")
            self.assertEqual(next(entries), ("1", "2"))
            save.timeout = 0.1
            with self.assertRaises(SessionTimeout):
                next(entries)
            self.assert_no_child()

    def test_a_request_that_is_not_taken(self) -> None:
        binary = self.stand_in(self.HANGS)
        with SaveSession(self.save, 0.1, binary=binary) as save:
            with self.assertRaises(SessionTimeout):
                save.contains_tokens(["x" * 1_000_000])
            self.assert_no_child()

    def test_close_from_another_thread_ends_the_wait(self) -> None:
        binary = self.stand_in(f"sys.stdin.readline()\nprint('begun', file=sys.stderr, flush=True)\n{self.HANGS}")
        save = SaveSession(self.save, binary=binary)
        caught: list[ParserError] = []

        def wait() -> None:
            try:
                save.count_keys(["ethos"])
            except ParserError as error:
                caught.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        while thread.is_alive() and not save.stderr_lines():
            pass
        save.close()
        thread.join()
        self.assertEqual([error.error for error in caught], ["SessionClosed"])


class Ends(SaveTest):
    def test_close_twice_and_questions_after_it(self) -> None:
        save = SaveSession(self.save)
        entries = save.iter_section("country", batch_size=1)
        next(entries)
        save.close()
        save.close()
        self.assertTrue(save.closed)
        with self.assertRaises(ParserError):
            save.count_keys(["ethos"])
        with self.assertRaises(ParserError):
            list(entries)

    def test_a_session_that_is_forgotten(self) -> None:
        save = SaveSession(self.save)
        save.count_keys(["ethos"])
        del save
        self.assert_no_child()

    def test_python_ends_without_closing(self) -> None:
        program = f"""
            from gantry_saves import SaveSession
            kept = SaveSession({str(self.save)!r})
            entries = kept.iter_section("country", batch_size=1)
            next(entries)
            print(kept.pid)
        """
        source = str(Path(__file__).parents[1] / "src")
        found = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": source},
            timeout=60,
        )
        self.assertEqual((found.returncode, found.stderr), (0, b""))
        with self.assertRaises(ProcessLookupError):
            os.kill(int(found.stdout), 0)


class Binary(SaveTest):
    def test_it_is_looked_for(self) -> None:
        real = find_binary()
        self.assertEqual(real, os.environ["PARSER_BINARY"])
        with unittest.mock.patch.dict(os.environ):
            os.environ["PARSER_BINARY"] = str(self.folder / "none")
            with self.assertRaises(ParserError) as caught:
                SaveSession(self.save)
            self.assertEqual(caught.exception.exit_code, 1)
            del os.environ["PARSER_BINARY"]
            bin_folder = self.folder / "root" / "bin"
            bin_folder.mkdir(parents=True)
            os.environ["GANTRY_ROOT"] = str(self.folder / "root")
            (bin_folder / "stellaris-parser").symlink_to(real)
            os.environ["PATH"] = ""
            self.assertIn(find_binary(), (str(bin_folder / "stellaris-parser"), *self.built()))

    def built(self) -> list[str]:
        """What a checkout may hold beside the package."""
        root = Path(__file__).resolve().parents[4]
        return [str(root / folder / "gantry-save-parsing") for folder in ("target/release", "bin")]
