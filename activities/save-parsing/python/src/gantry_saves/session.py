"""A session: one process, many questions."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from .binary import find_binary
from .errors import ParserError, SessionLost
from .process import ServeProcess
from .questions import Questions

_LOG = logging.getLogger("gantry_saves")


@dataclass
class _Stream:
    """A stream that the process is sending, or has sent."""

    entries: deque[tuple[str, Any]] = field(default_factory=deque)
    ended: bool = False
    failure: ParserError | None = None
    # Nobody reads it any more.
    abandoned: bool = False

    def take_in(self, frame: dict[str, Any]) -> None:
        if not frame.get("ok"):
            self.ended, self.failure = True, ParserError.from_object(frame)
        elif frame.get("done"):
            self.ended = True
        elif not self.abandoned:
            entries = frame["entries"] if "entries" in frame else [frame["entry"]]
            self.entries.extend((entry["key"], entry["value"]) for entry in entries)


class SaveSession(Questions):
    """Answers questions about one save by one process, which opens it once.

    ``timeout`` is how many seconds a frame may take, the opening included. With ``fallback``, a crash of the process leaves
    this session answering by one process per call.
    """

    def __init__(
        self,
        save_path: str | os.PathLike[str],
        timeout: float = 30.0,
        *,
        binary: str | None = None,
        schema_version: int = 1,
        fallback: bool = True,
    ) -> None:
        # Absolute, so that no name is taken for a flag.
        self.path = os.path.abspath(save_path)
        self.timeout = timeout
        self._command = [binary or find_binary(), "serve", "--path", self.path]
        if schema_version != 1:
            self._command += ["--schema-version", str(schema_version)]
        self._fallback = fallback
        self._lock = threading.RLock()
        self._closed = False
        self._fell_back = False
        self._stream: _Stream | None = None
        self._identity = _identity(self.path)
        self._process = ServeProcess(self._command)
        # When the session is forgotten, and at the end of Python.
        self._finalizer = weakref.finalize(self, self._process.stop)

    def request(self, op: str, **members: Any) -> dict[str, Any]:
        """Any request with one answer, which is returned as it came."""
        message = {"op": op, **members}
        with self._lock:
            self._check_open()
            if not self._fell_back:
                try:
                    self._settle()
                    return self._exchange(message)
                except SessionLost as lost:
                    self._lose(lost)
            return self._once(message)

    @property
    def pid(self) -> int | None:
        """The process that answers; None when there is none any more."""
        return None if self._closed or self._fell_back else self._process.pid

    @property
    def fell_back(self) -> bool:
        """Whether the process was lost, so that each call starts one of its own."""
        return self._fell_back

    @property
    def closed(self) -> bool:
        return self._closed

    def stderr_lines(self) -> list[str]:
        """The last 200 lines that the process wrote on stderr."""
        return self._process.stderr_lines()

    def close(self) -> None:
        """Ends the process; waits for five seconds before it makes it end. Twice does no harm."""
        if self._closed:
            return
        self._closed = True
        # Whoever waits for an answer in another thread gets the end of it at once.
        if self._lock.acquire(blocking=False):
            try:
                self._process.close()
            finally:
                self._lock.release()
        else:
            self._process.stop()
        self._finalizer.detach()

    def __enter__(self) -> SaveSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ParserError("the session is closed", error="SessionClosed")

    def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        frame = self._guarded(message)
        if not frame.get("ok"):
            raise ParserError.from_object(frame)
        return frame

    def _guarded(self, message: dict[str, Any] | None) -> dict[str, Any]:
        """Sends, if there is anything to send, and takes the next frame."""
        try:
            if message is not None:
                try:
                    self._process.send(message, self.timeout)
                except SessionLost:
                    # It may have said why before it went: that comes now.
                    pass
            return self._process.receive(self.timeout)
        except SessionLost:
            raise
        except BaseException as error:
            # Also when interrupted: the next frame would be the answer to what nobody waits for any more.
            self._fall_back(error)
            raise

    def _settle(self) -> None:
        """Reads the rest of a stream, so that the next frame is the answer to the next request."""
        while self._stream is not None:
            self._take_in(self._stream)

    def _take_in(self, stream: _Stream) -> None:
        stream.take_in(self._guarded(None))
        if stream.ended:
            self._stream = None

    def _fall_back(self, why: BaseException) -> None:
        _LOG.warning("the session of %s is lost: %s", self.path, why)
        self._fell_back = True
        self._stream = None
        self._process.stop()
        self._finalizer.detach()

    def _lose(self, lost: SessionLost) -> None:
        self._check_open()
        if not self._fell_back:
            self._fall_back(lost)
        if not self._fallback:
            raise lost

    def _entries(self, message: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        given = 0
        stream = _Stream()
        try:
            while True:
                with self._lock:
                    entry = self._next(stream, message if given == 0 else None)
                if entry is None:
                    return
                yield entry
                given += 1
        except SessionLost as lost:
            with self._lock:
                self._lose(lost)
        finally:
            stream.abandoned = True
        for number, entry in enumerate(self._stream_once(message)):
            # The file is the same, so its order is.
            if number >= given:
                yield entry

    def _next(self, stream: _Stream, message: dict[str, Any] | None) -> tuple[str, Any] | None:
        """The next entry of a stream, None at its end. Begins it if it is neither begun nor ended."""
        while not stream.entries:
            if stream.failure is not None:
                raise stream.failure
            if stream.ended:
                return None
            self._check_open()
            if self._stream is stream:
                self._take_in(stream)
                continue
            if self._fell_back or message is None:
                raise SessionLost("the session was lost while a stream was read")
            self._settle()
            header = self._exchange(message)
            if not header.get("stream"):
                raise ParserError("the answer is no stream")
            self._stream = stream
        return stream.entries.popleft()

    def _once(self, message: dict[str, Any]) -> dict[str, Any]:
        self._check_fallback()
        process = ServeProcess(self._command)
        try:
            process.send(message, self.timeout)
            frame = process.receive(self.timeout)
        finally:
            process.close()
        if not frame.get("ok"):
            raise ParserError.from_object(frame)
        return frame

    def _stream_once(self, message: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        self._check_fallback()
        process = ServeProcess(self._command)
        stream = _Stream()
        try:
            process.send(message, self.timeout)
            frame = process.receive(self.timeout)
            if not frame.get("ok"):
                raise ParserError.from_object(frame)
            while not stream.ended:
                stream.take_in(process.receive(self.timeout))
                while stream.entries:
                    yield stream.entries.popleft()
            if stream.failure is not None:
                raise stream.failure
        finally:
            if stream.ended:
                process.close()
            else:
                # The rest of the stream is in the way of a question.
                process.stop()

    def _check_fallback(self) -> None:
        self._check_open()
        if not self._fallback:
            raise SessionLost("the session is lost, and one process per call is not wanted")
        if _identity(self.path) != self._identity:
            raise ParserError(
                "the session is lost, and the save has changed since it began: begin a new one", error="SaveChanged"
            )


def _identity(path: str) -> tuple[int, int] | None:
    """What changes when a file does: its time of change and its size."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size

