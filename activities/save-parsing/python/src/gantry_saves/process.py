"""One ``serve`` process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import IO, Any

from .errors import ParserError, SessionLost, SessionTimeout
from .frames import Frames

_KEPT_LINES = 200
_SHOWN_LINES = 20
_CLOSE_SECONDS = 5.0
_TERMINATE_SECONDS = 2.0
# What a pipe takes at least, on every system, before a writer has to wait.
_PIPE_BYTES = 4096


class ServeProcess:
    """A process, the threads that read what it says, and its end."""

    def __init__(self, command: Sequence[str]) -> None:
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0
        try:
            self._popen = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=flags,
            )
        except OSError as error:
            raise ParserError(f"{command[0]} cannot be started: {error}", exit_code=1, error="FileNotFound") from error
        assert self._popen.stdin and self._popen.stdout and self._popen.stderr
        self._owner = os.getpid()
        self._stdin: IO[bytes] = self._popen.stdin
        self._outputs: tuple[IO[bytes], IO[bytes]] = (self._popen.stdout, self._popen.stderr)
        self._frames = Frames()
        self._stderr: deque[str] = deque(maxlen=_KEPT_LINES)
        self._stopping = threading.Lock()
        self._readers = [
            threading.Thread(target=self._frames.fill, args=(self._popen.stdout,), daemon=True),
            threading.Thread(target=_keep_lines, args=(self._popen.stderr, self._stderr), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def stderr_lines(self) -> list[str]:
        """The last lines that it wrote on stderr."""
        return list(self._stderr)

    def send(self, request: dict[str, Any], timeout: float) -> None:
        """Raises SessionLost when it does not listen any more, SessionTimeout when it does not take a long request."""
        line = json.dumps(request, separators=(",", ":")).encode() + b"\n"
        watch = None
        if len(line) > _PIPE_BYTES:
            # A write cannot be given up; killing the process ends it.
            watch = threading.Timer(timeout, self._popen.kill)
            watch.daemon = True
            watch.start()
        try:
            self._stdin.write(line)
            self._stdin.flush()
        except (OSError, ValueError) as error:
            if watch is not None and watch.finished.is_set():
                raise SessionTimeout(self._described(f"the parser took no request for {timeout:g} s, and was killed")) from error
            if isinstance(error, ValueError):
                raise SessionLost(self._described("the session is closed")) from error
            # It ended before it read this, and may have said why: whoever receives is told that, or that it ended.
        finally:
            if watch is not None:
                watch.cancel()

    def receive(self, timeout: float) -> dict[str, Any]:
        """Returns the next frame, be it one of success or of failure."""
        try:
            line = self._frames.take(timeout)
        except TimeoutError:
            self._popen.kill()
            raise SessionTimeout(self._described(f"the parser said nothing for {timeout:g} s, and was killed")) from None
        if line is None:
            # Its end may be a moment after that of its output; the code and the last words are worth the wait.
            self.stop(grace=_TERMINATE_SECONDS)
            code = self._popen.returncode
            how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
            raise SessionLost(self._described(f"the parser ended {how} and without an answer"))
        if not line.endswith(b"\n"):
            raise SessionLost(self._described("the parser ended in the middle of a frame"))
        try:
            frame = json.loads(line)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            raise SessionLost(self._described(f"the parser said what is no frame: {line[:200]!r}"))
        return frame

    def _described(self, what: str) -> str:
        last = self.stderr_lines()[-_SHOWN_LINES:]
        return "\n".join([what, *last])

    def close(self) -> None:
        """Asks it to end, waits, and makes it end."""
        self._frames.discard()
        try:
            self.send({"op": "close"}, _CLOSE_SECONDS)
            self._stdin.close()
        except (ParserError, OSError):
            pass
        self.stop(grace=_CLOSE_SECONDS)

    def stop(self, grace: float = 0.0) -> None:
        """Ends it: waits for ``grace`` seconds, terminates, waits for two, kills. Leaves no zombie, no thread, no pipe."""
        if os.getpid() != self._owner:
            # A fork of the Python process must not end what is not its child.
            return
        with self._stopping:
            self._frames.discard()
            if not (grace and self._waited(grace)):
                self._popen.terminate()
                if not self._waited(_TERMINATE_SECONDS):
                    self._popen.kill()
                    self._popen.wait()
            try:
                self._stdin.close()
            except OSError:
                # What was not written cannot be written now.
                pass
            for reader in self._readers:
                if reader is not threading.current_thread():
                    # Not for ever: a process that it has started may hold the pipe.
                    reader.join(timeout=1.0)
            for reader, output in zip(self._readers, self._outputs):
                if not reader.is_alive():
                    output.close()

    def _waited(self, seconds: float) -> bool:
        try:
            self._popen.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def _keep_lines(source: IO[bytes], lines: deque[str]) -> None:
    try:
        while line := source.readline(1 << 16):
            lines.append(line.decode(errors="replace").rstrip("\r\n"))
    except (OSError, ValueError):
        pass
