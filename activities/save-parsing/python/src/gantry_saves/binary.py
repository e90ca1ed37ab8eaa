"""Where the binary is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .errors import ParserError

_NAMES = ("gantry-save-parsing", "stellaris-parser")


def find_binary() -> str:
    """Returns its path.

    Looks at ``PARSER_BINARY``, then beside the package, then in ``target/release`` and ``bin`` of the installation root, then in
    ``PATH``.
    """
    named = os.environ.get("PARSER_BINARY")
    if named:
        if not _is_program(Path(named)):
            raise ParserError(f"PARSER_BINARY names {named}, which is no program", exit_code=1, error="FileNotFound")
        return named
    folders = list(_folders())
    for folder in folders:
        for name in _NAMES:
            path = folder / (name + (".exe" if sys.platform == "win32" else ""))
            if _is_program(path):
                return str(path)
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    places = ", ".join(str(folder) for folder in folders)
    raise ParserError(
        f"there is no {_NAMES[0]} in {places} or PATH (build it, or set PARSER_BINARY)", exit_code=1, error="FileNotFound"
    )


def _folders() -> Iterator[Path]:
    here = Path(__file__).resolve().parent
    yield here / "bin"
    roots = [parent for parent in here.parents if (parent / "workers" / "save-parsing").is_dir()][:1]
    named = os.environ.get("GANTRY_ROOT")
    if named:
        roots.insert(0, Path(named))
    for root in roots:
        yield root / "target" / "release"
        yield root / "bin"


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
