"""One process per call, by the commands that print and end."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from .binary import find_binary
from .errors import ParserError, SessionTimeout

_EXTRACT_SECONDS = 60.0


def extract_sections(save_path: str | os.PathLike[str], sections: Sequence[str]) -> dict[str, Any]:
    """``extract-save``."""
    command = [find_binary(), "extract-save", os.path.abspath(save_path), "--sections", ",".join(sections)]
    try:
        found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_EXTRACT_SECONDS)
    except subprocess.TimeoutExpired:
        raise SessionTimeout(f"the parser took more than {_EXTRACT_SECONDS:g} s, and was killed") from None
    if found.returncode != 0:
        raise _failure(found.returncode, found.stderr)
    answer = json.loads(found.stdout)
    if not isinstance(answer, dict):
        raise ParserError("the parser printed no object")
    return answer


def iter_section_entries(save_path: str | os.PathLike[str], section: str) -> Iterator[tuple[str, Any]]:
    """``iter-save``."""
    command = [find_binary(), "iter-save", os.path.abspath(save_path), "--section", section, "--format", "jsonl"]
    with tempfile.TemporaryFile() as stderr:
        # A file has room for whatever it says; a pipe that nobody reads would stop it.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
        assert process.stdout
        try:
            for line in process.stdout:
                entry = json.loads(line)
                yield entry["key"], entry["value"]
            if process.wait() != 0:
                stderr.seek(0)
                raise _failure(process.returncode, stderr.read())
        finally:
            process.stdout.close()
            if process.poll() is None:
                process.kill()
                process.wait()


def _failure(code: int, stderr: bytes) -> ParserError:
    text = stderr.decode(errors="replace").strip()
    last = text.splitlines()[-1] if text else ""
    try:
        found = json.loads(last)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return ParserError.from_object(found, code)
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return ParserError(f"the parser ended {how}: {text}" if text else f"the parser ended {how}", exit_code=code)
