"""Frames between the thread that reads them and the one that wants them."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import IO

# Bytes that may wait. Beyond them the reader stops, the pipe fills, and the process waits: nothing grows.
_ROOM = 4 << 20


class Frames:
    """A queue of lines that is bounded by bytes and has an end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._ended = False
        self._discarding = False

    def fill(self, source: IO[bytes]) -> None:
        """Reads lines until the end of ``source``. Runs in a thread of its own."""
        try:
            while line := source.readline():
                self._put(line)
        except (OSError, ValueError):
            # Closed under the reader's hands.
            pass
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, line: bytes) -> None:
        with self._changed:
            while self._lines and self._bytes >= _ROOM and not self._discarding:
                self._changed.wait()
            if not self._discarding:
                self._lines.append(line)
                self._bytes += len(line)
                self._changed.notify_all()

    def take(self, timeout: float) -> bytes | None:
        """Returns the next line; None at the end. Raises TimeoutError."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._lines:
                if self._ended or self._discarding:
                    return None
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._changed.wait(left)
            line = self._lines.popleft()
            self._bytes -= len(line)
            self._changed.notify_all()
            return line

    def discard(self) -> None:
        """Lets the reader run on to the end and throws away what it reads."""
        with self._changed:
            self._discarding = True
            self._lines.clear()
            self._bytes = 0
            self._changed.notify_all()
