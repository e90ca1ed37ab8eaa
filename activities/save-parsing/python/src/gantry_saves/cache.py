"""A few sessions that stay open."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from .session import SaveSession

_Key = tuple[str, int, int]


@dataclass
class _Held:
    session: SaveSession
    users: int = 0
    # Nobody is to get it any more: it is closed when its last user is done.
    dropped: bool = False


class SaveCache:
    """Sessions by path, time of change and size, at most ``capacity`` of them; the one longest unused goes first.

    ``SaveCache(path)`` is a cache with one save in mind, which the methods take when they get no path. Threads may share it.
    A session of a save of 50 MB takes about 60 MB. ``options`` are those of SaveSession.
    """

    def __init__(
        self, save_path: str | os.PathLike[str] | None = None, *, capacity: int = 2, **options: Any
    ) -> None:
        if capacity < 1:
            raise ValueError("a cache holds at least one session")
        self._default = save_path
        self._capacity = capacity
        self._options = options
        self._lock = threading.Lock()
        self._held: OrderedDict[_Key, _Held] = OrderedDict()
        self._closed = False

    @contextmanager
    def session(self, save_path: str | os.PathLike[str] | None = None) -> Iterator[SaveSession]:
        """A session of the save as the file is now. It is not closed under the hands of who is in the block."""
        path = save_path if save_path is not None else self._default
        if path is None:
            raise ValueError("which save?")
        held = self._lease(os.path.realpath(path))
        try:
            yield held.session
        finally:
            self._give_back(held)

    def extract_sections(
        self, sections: Iterable[str], save_path: str | os.PathLike[str] | None = None
    ) -> dict[str, Any]:
        """As SaveSession has it."""
        with self.session(save_path) as found:
            return found.extract_sections(sections)

    def iter_section(
        self, section: str, save_path: str | os.PathLike[str] | None = None
    ) -> Iterator[tuple[str, Any]]:
        """As SaveSession has it."""
        with self.session(save_path) as found:
            yield from found.iter_section(section)

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)

    def close(self) -> None:
        """Closes the sessions, those in use when their users are done."""
        with self._lock:
            self._closed = True
            unused = [held for key in list(self._held) for held in self._drop(key)]
        _close(unused)

    def __enter__(self) -> SaveCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lease(self, path: str) -> _Held:
        try:
            found = os.stat(path)
            key = (path, found.st_mtime_ns, found.st_size)
        except OSError:
            # The session will say what is wrong.
            key = (path, 0, 0)
        unused: list[_Held] = []
        with self._lock:
            if self._closed:
                raise ValueError("the cache is closed")
            # What the file was before is of no use, and a session without its process is slow.
            for other, held in list(self._held.items()):
                if (other[0] == path and other != key) or held.session.fell_back or held.session.closed:
                    unused += self._drop(other)
            if key not in self._held:
                while len(self._held) >= self._capacity:
                    unused += self._drop(next(iter(self._held)))
                self._held[key] = _Held(SaveSession(path, **self._options))
            leased = self._held[key]
            leased.users += 1
            self._held.move_to_end(key)
        _close(unused)
        return leased

    def _drop(self, key: _Key) -> list[_Held]:
        held = self._held.pop(key)
        held.dropped = True
        return [] if held.users else [held]

    def _give_back(self, held: _Held) -> None:
        with self._lock:
            held.users -= 1
            unused = [held] if held.dropped and not held.users else []
        _close(unused)


def _close(unused: list[_Held]) -> None:
    for held in unused:
        held.session.close()
