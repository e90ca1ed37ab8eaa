"""What goes wrong."""

from __future__ import annotations

from typing import Any


class ParserError(Exception):
    """A question was not answered.

    ``line`` and ``col`` are a place in the save, if it is about one. ``exit_code`` is that of the commands: 1 the file is not
    there, 2 it cannot be read or anything else went wrong, 3 the request makes no sense. ``error`` is the short name on the
    wire, such as ``SectionNotFound``.
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        col: int | None = None,
        exit_code: int = 2,
        error: str = "ParseError",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.col = col
        self.exit_code = exit_code
        self.error = error

    @classmethod
    def from_object(cls, found: dict[str, Any], exit_code: int = 2) -> ParserError:
        """Of an error frame, or of what a command printed on stderr."""
        return cls(
            str(found.get("message", "the parser gave no reason")),
            found.get("line"),
            found.get("col"),
            int(found.get("exit_code", exit_code)),
            str(found.get("error", "ParseError")),
        )


class SessionLost(ParserError):
    """The process ended, or what it said is no frame."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error="SessionLost")


class SessionTimeout(ParserError):
    """The process said nothing for too long, and was killed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error="SessionTimeout")
