"""The session of this thread, which functions that get a path share."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from . import one_shot
from .session import SaveSession

_THREAD = threading.local()


@contextmanager
def session(
    save_path: str | os.PathLike[str],
    timeout: float = 30.0,
    *,
    binary: str | None = None,
    schema_version: int = 1,
    fallback: bool = True,
) -> Iterator[SaveSession]:
    """A session that the functions of this module use, in this thread, until the block ends."""
    made = SaveSession(save_path, timeout, binary=binary, schema_version=schema_version, fallback=fallback)
    before = active_session()
    _THREAD.session = made
    try:
        yield made
    finally:
        _THREAD.session = before
        made.close()


def active_session(save_path: str | os.PathLike[str] | None = None) -> SaveSession | None:
    """The session of this thread; with a path, only if it is about that save."""
    found: SaveSession | None = getattr(_THREAD, "session", None)
    if found is None or save_path is None or os.path.realpath(save_path) == os.path.realpath(found.path):
        return found
    return None


def extract_sections(save_path: str | os.PathLike[str], sections: Sequence[str]) -> dict[str, Any]:
    """Whole sections by name: by the session of this thread, else by a process of its own."""
    found = active_session(save_path)
    if found is not None:
        return found.extract_sections(sections)
    return one_shot.extract_sections(save_path, sections)


def iter_section_entries(save_path: str | os.PathLike[str], section: str) -> Iterator[tuple[str, Any]]:
    """The entries of a section: by the session of this thread, else by a process of its own."""
    found = active_session(save_path)
    if found is not None:
        return found.iter_section(section)
    return one_shot.iter_section_entries(save_path, section)


def ask(save_path: str | os.PathLike[str], op: str, **members: Any) -> dict[str, Any]:
    """Any request with one answer: by the session of this thread, else by a process of its own."""
    found = active_session(save_path)
    if found is not None:
        return found.request(op, **members)
    with SaveSession(save_path) as made:
        return made.request(op, **members)
