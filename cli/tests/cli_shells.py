"""Interactive shells on a pseudo-terminal, for tests of completion: keys in, what the shell printed out."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

LIMIT = 30.0


class Shell:
    """A shell that was started with `command` on a terminal of its own; every wait ends with text or an error."""

    def __init__(self, command: list[str], home: Path) -> None:
        self._master, slave = pty.openpty()
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C.UTF-8", "COLUMNS": "200", "LINES": "50"}
        self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=home, env=environment, start_new_session=True, close_fds=True)
        os.close(slave)
        self._seen = ""

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._master)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, start: str, end: str) -> str:
        """The text between the next `start` and the `end` behind it."""
        deadline = time.monotonic() + LIMIT
        while True:
            _, found, tail = self._seen.partition(start)
            if found and end in tail:
                text, _, self._seen = tail.partition(end)
                return text
            ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {start!r} … {end!r} within {LIMIT:g} s; the shell printed {self._seen!r}")
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                piece = b""
            if not piece:
                raise AssertionError(f"the shell ended; it had printed {self._seen!r}")
            self._seen += piece.decode("utf-8", "replace")
