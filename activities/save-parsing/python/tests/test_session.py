"""What a session answers, and that one process per call answers the same."""

from __future__ import annotations

import os
import threading
from typing import Any

from gantry_saves import (
    ParserError,
    RustSession,
    SaveSession,
    active_session,
    ask,
    extract_sections,
    iter_section_entries,
    one_shot,
    session,
)

from .saves import COUNTRIES, SaveTest

REQUESTS: list[dict[str, Any]] = [
    {"op": "extract_sections", "sections": ["meta", "player", "nothing"]},
    {"op": "extract_sections", "sections": ["player"], "schema_version": 2, "scalars": "typed"},
    {"op": "extract_sections", "sections": ["nothing"], "strict": True},
    {"op": "get_entry", "section": "country", "key": "7"},
    {"op": "get_entry", "section": "country", "key": "no"},
    {"op": "get_entries", "section": "country", "keys": [3, "9000", "no"], "fields": ["name", "ethos"]},
    {"op": "count_keys", "keys": ["ethic", "name"]},
    {"op": "contains_tokens", "tokens": ["ethic_12", "not there"]},
    {"op": "contains_kv", "pairs": [["name", "Empire 5"], ["country", 7], ["name", "no"]]},
    {"op": "get_country_summaries", "fields": ["name"]},
    {"op": "get_duplicate_values", "section": "country", "key": "7", "field": "ethic"},
    {"op": "get_entry_text", "section": "country", "key": "7"},
    {"op": "multi", "ops": [{"op": "count_keys", "keys": ["note"]}, {"op": "query", "path": "country.7.name"}]},
    {"op": "no_such_op"},
    {"op": "get_entry"},
]


def outcome(found: SaveSession, request: dict[str, Any]) -> Any:
    try:
        return found.request(**request)
    except ParserError as error:
        return type(error), error.message, error.line, error.col, error.exit_code, error.error


class Answers(SaveTest):
    def test_each_question(self) -> None:
        with SaveSession(self.save) as save:
            data = save.extract_sections(["meta", "player", "nothing"])
            self.assertEqual(list(data), ["schema_version", "tool_version", "game", "meta", "player"])
            self.assertEqual(data["player"], [{"name": "someone", "country": "7"}])
            country = save.get_entry("country", 7)
            self.assertEqual((country["name"], country["ethos"]), ("Empire 7", {"ethic": "ethic_7"}))
            self.assertIsNone(save.get_entry("country", "no"))
            self.assertEqual(
                save.get_entries("country", [2, "9000"], ["name"]),
                [{"_key": "2", "name": "Empire 2"}, {"_key": "9000", "_value": "none"}],
            )
            self.assertEqual(save.get_entries("country", ["9000"]), [{"_key": "9000", "_value": "none"}])
            self.assertEqual(save.count_keys(["ethic"]), {"ethic": 2 * COUNTRIES})
            self.assertEqual(save.contains_tokens(["Empire 3", "no!"]), {"Empire 3": True, "no!": False})
            self.assertEqual(save.contains_kv([("country", 7)]), {"country=7": True})
            self.assertEqual(save.get_country_summaries(["name"])[1], {"id": "1", "name": "Empire 1"})
            self.assertEqual(save.get_duplicate_values("country", 7, "ethic"), ["ethic_a", "ethic_7"])
            self.assertTrue((save.get_entry_text("country", 7) or "").startswith("\n\t7=\n"))
            self.assertIsNone(save.get_entry_text("country", "no"))
            self.assertEqual(save.multi([{"op": "count_keys", "keys": ["ethos"]}]), [{"counts": {"ethos": COUNTRIES}}])
            self.assertEqual(list(save.query("country.*.name", limit=2)), [("country.0.name", "Empire 0"), ("country.1.name", "Empire 1")])

    def test_streams_are_in_the_order_of_the_file_whatever_the_batch(self) -> None:
        expected = [*map(str, range(COUNTRIES)), "9000"]
        with RustSession(self.save) as save:
            for batch_size in (0, 1, 7, 100, 100_000):
                keys = [key for key, _ in save.iter_section("country", batch_size=batch_size)]
                self.assertEqual(keys, expected, batch_size)
            self.assertEqual(list(save.iter_section("nothing")), [])
            self.assertEqual(list(save.iter_section("player")), [], "a list has no entries by key")

    def test_errors_leave_the_session_as_it_is(self) -> None:
        with SaveSession(self.save) as save:
            with self.assertRaises(ParserError) as caught:
                save.extract_sections(["foo"], strict=True)
            self.assertEqual((caught.exception.error, caught.exception.message), ("SectionNotFound", "Section 'foo' not found"))
            self.assertEqual((caught.exception.line, caught.exception.col, caught.exception.exit_code), (None, None, 3))
            with self.assertRaises(ParserError):
                list(save.iter_section("foo", strict=True))
            with self.assertRaises(ParserError):
                list(save.query("country["))
            self.assertFalse(save.fell_back)
            self.assertEqual(save.count_keys(["ethos"]), {"ethos": COUNTRIES})

    def test_schema_2_loses_nothing(self) -> None:
        with SaveSession(self.save, schema_version=2) as save:
            self.assertEqual(save.extract_sections([])["schema_version"], 2)
            self.assertEqual(save.get_entry("country", 7)["ethos"]["ethic"], ["ethic_a", "ethic_7"])

    def test_a_stream_left_early_is_drained(self) -> None:
        with SaveSession(self.save) as save:
            for _ in range(3):
                for key, _ in save.iter_section("country", batch_size=1):
                    if key == "2":
                        break
                self.assertEqual(save.get_entry("country", 1)["name"], "Empire 1")
            left = save.iter_section("country")
            next(left)
        self.assertFalse(save.fell_back)

    def test_a_question_within_a_stream_loses_no_entry(self) -> None:
        with SaveSession(self.save) as save:
            seen = []
            for key, value in save.iter_section("country", batch_size=1):
                if key in ("5", "6"):
                    self.assertEqual(save.get_entry("country", key), value)
                if key == "8":
                    self.assertEqual(len(list(save.iter_section("country"))), COUNTRIES + 1)
                seen.append(key)
            self.assertEqual(seen, [*map(str, range(COUNTRIES)), "9000"])

    def test_one_process_per_call_answers_the_same(self) -> None:
        with SaveSession(self.save) as save, SaveSession(self.save) as alone:
            alone.extract_sections([])
            assert alone.pid is not None
            os.kill(alone.pid, 9)
            for request in REQUESTS:
                self.assertEqual(outcome(save, request), outcome(alone, request), request)
            self.assertTrue(alone.fell_back and not save.fell_back)
            self.assertEqual(list(save.iter_section("country")), list(alone.iter_section("country")))
            self.assertEqual(list(save.query("country[name].name")), list(alone.query("country[name].name")))
            sections = ["meta", "country"]
            self.assertEqual(save.extract_sections(sections), one_shot.extract_sections(self.save, sections))
            entries = one_shot.iter_section_entries(self.save, "country")
            self.assertEqual(list(save.iter_section("country")), list(entries))

    def test_threads_share_a_session(self) -> None:
        found: dict[int, Any] = {}

        def ask_much(number: int) -> None:
            names = [save.get_entry("country", number)["name"] for _ in range(20)]
            count = sum(1 for _ in save.iter_section("country", batch_size=1))
            found[number] = (set(names), count)

        with SaveSession(self.save) as save:
            threads = [threading.Thread(target=ask_much, args=(number,)) for number in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(found, {number: ({f"Empire {number}"}, COUNTRIES + 1) for number in range(6)})


class ActiveSession(SaveTest):
    def test_functions_share_the_session_of_their_thread(self) -> None:
        other = self.folder / "b.sav"
        other.write_bytes(self.save.read_bytes())
        self.assertIsNone(active_session())
        with session(self.save) as outer:
            self.assertIs(active_session(), outer)
            self.assertIs(active_session(self.folder / "." / "a.sav"), outer)
            self.assertIsNone(active_session(other), "another save is another question")
            with session(other) as inner:
                self.assertIs(active_session(), inner)
            self.assertIs(active_session(), outer, "restored")
            with self.assertRaises(RuntimeError), session(other):
                raise RuntimeError
            self.assertIs(active_session(), outer, "restored after an exception too")
            elsewhere: list[Any] = []
            thread = threading.Thread(target=lambda: elsewhere.append(active_session()))
            thread.start()
            thread.join()
            self.assertEqual(elsewhere, [None])
        self.assertIsNone(active_session())
        self.assertTrue(outer.closed and inner.closed)

    def test_they_answer_the_same_without_one(self) -> None:
        def answers() -> list[Any]:
            return [
                extract_sections(self.save, ["player", "nothing"]),
                list(iter_section_entries(self.save, "country")),
                ask(self.save, "count_keys", keys=["ethic"]),
            ]

        with session(self.save):
            within = answers()
        self.assertEqual(answers(), within)

    def test_the_commands_errors_are_the_sessions_errors(self) -> None:
        missing = self.folder / "missing.sav"
        for call in (
            lambda: extract_sections(missing, ["meta"]),
            lambda: list(iter_section_entries(missing, "country")),
            lambda: ask(missing, "count_keys", keys=[]),
        ):
            with self.assertRaises(ParserError) as caught:
                call()
            self.assertEqual((caught.exception.exit_code, caught.exception.error), (1, "FileNotFound"))

    def test_a_stream_of_the_command_may_be_left(self) -> None:
        entries = iter_section_entries(self.save, "country")
        self.assertEqual(next(entries)[0], "0")
        entries.close()  # type: ignore[attr-defined]
