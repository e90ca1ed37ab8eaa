"""Sessions that stay open."""

from __future__ import annotations

import os
import signal

from gantry_saves import SaveCache

from .saves import COUNTRIES, SaveTest, write_save


class Cache(SaveTest):
    def test_one_session_for_one_file(self) -> None:
        link = self.folder / "link.sav"
        link.symlink_to(self.save)
        with SaveCache() as cache:
            with cache.session(self.save) as first, cache.session(link) as second:
                self.assertIs(first, second)
            with cache.session(self.save) as third:
                self.assertIs(third, first, "it stays open")
            write_save(self.save, "country={ 1={ name=other } }\n")
            with cache.session(self.save) as changed:
                self.assertIsNot(changed, first)
                self.assertEqual(changed.get_entry("country", 1), {"name": "other"})
            self.assertTrue(first.closed, "what the file was before is of no use")
            self.assertEqual(len(cache), 1)
        self.assertTrue(changed.closed)

    def test_it_is_bounded_and_closes_nothing_that_is_in_use(self) -> None:
        paths = [self.folder / f"{number}.sav" for number in range(4)]
        for path in paths:
            path.write_bytes(self.save.read_bytes())
        with SaveCache(capacity=2) as cache:
            with cache.session(paths[0]) as first:
                for path in paths:
                    with cache.session(path) as other:
                        self.assertEqual(other.count_keys(["ethos"]), {"ethos": COUNTRIES})
                    self.assertLessEqual(len(cache), 2)
                self.assertFalse(first.closed)
                self.assertEqual(first.count_keys(["ethos"]), {"ethos": COUNTRIES})
            self.assertTrue(first.closed, "nobody gets it any more")

    def test_with_one_save_in_mind(self) -> None:
        with SaveCache(self.save) as cache:
            self.assertEqual(cache.extract_sections(["player"])["player"][0]["country"], "7")
            self.assertEqual(len(list(cache.iter_section("country"))), COUNTRIES + 1)
            for _ in cache.iter_section("country"):
                break
        with self.assertRaises(ValueError):
            cache.extract_sections(["player"])
        with self.assertRaises(ValueError), SaveCache() as nothing:
            nothing.extract_sections(["player"])

    def test_a_session_that_lost_its_process_is_replaced(self) -> None:
        with SaveCache(self.save) as cache:
            with cache.session() as first:
                assert first.pid is not None
                os.kill(first.pid, signal.SIGKILL)
                first.count_keys(["ethos"])
            with cache.session() as second:
                self.assertIsNotNone(second.pid)
