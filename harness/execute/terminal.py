"""A pseudo-terminal between the harness and a program: all three of its streams, and the terminal that job control and Ctrl-C belong to.

Linux. The child opens the terminal by its name after it has become the leader of a session of its own, which makes it the controlling one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import termios
import time
from contextlib import suppress
from typing import Final

from harness.execute.streams import CHUNK, Exchange, SpawnAction
from harness.model.step import Terminal

TERM: Final = "linux"
"""What programs find in ``TERM``: the terminal that the emulator knows best, and one without a second screen to switch to."""
_READY: Final = select.POLLIN | select.POLLHUP | select.POLLERR


class TerminalExchange(Exchange):
    """Like the pipes of ``Exchange``, with one stream ``terminal`` whose text is also rendered to a screen."""

    def __init__(self, limit: int, size: Terminal) -> None:
        self._size = size
        self._master = self._slave = -1
        from harness.execute.screen import Screen  # brings the emulator: only for steps that have a terminal

        self.screen = Screen(size, self._answer)
        super().__init__(limit, None)

    def _open(self) -> None:
        self._kept = {"terminal": bytearray()}
        self._dropped = {"terminal": 0}
        self._master, self._slave = os.openpty()
        self._names[self._master] = "terminal"
        self._child_ends.append(self._slave)
        os.set_blocking(self._master, False)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", self._size.rows, self._size.columns, 0, 0))
        self._poll.register(self._master, _READY)

    def child_actions(self) -> list[SpawnAction]:
        name = os.ttyname(self._slave)
        return [(os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0), (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]

    def type(self, data: bytes, deadline: float) -> bool:
        """Put bytes in as if they were typed; False when the program does not take them before the deadline, or nobody is there."""
        poll = select.poll()
        poll.register(self._master, select.POLLOUT)
        while data:
            left = deadline - time.monotonic()
            if left <= 0 or self._master not in self._names or not poll.poll(int(left * 1000) + 1):
                return False
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                continue
            except OSError:
                return False
        return True

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self._poll.unregister(descriptor)
            del self._names[descriptor]
            return
        kept = self._keep("terminal", data)
        # What is beyond the limit is a finding by itself; rendering it would only cost time.
        self.screen.feed(kept)

    def _answer(self, data: bytes) -> None:
        """What the terminal itself says. A program that does not read it does not get it."""
        with suppress(OSError):
            os.write(self._master, data)

    def close(self) -> None:
        self.close_child_ends()
        self._names.clear()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
