"""The pipes between the harness and a process: everything is read while it runs, up to a limit, and nothing that happens to a pipe can block."""

from __future__ import annotations

import fcntl
import os
import select
import time
from typing import Final

from harness.execute.spawner import USUAL, Pipes

CHUNK: Final = 65536
_LONGEST_DRAIN: Final = 2.0
"""Seconds after which what somebody else goes on writing is no longer read."""
SpawnAction = tuple[int, int] | tuple[int, int, int] | tuple[int, int, str, int, int]
_READY: Final = select.POLLIN | select.POLLHUP | select.POLLERR


class Exchange:
    """Two output pipes and, when there is input, one input pipe. Descriptors of processes can be watched along with them."""

    def __init__(self, limit: int, stdin: bytes | None, pipes: Pipes = USUAL, *, closed_stdin: bool = False) -> None:
        self._limit = limit
        self._pipes = pipes
        self._closed_stdin = closed_stdin
        self._input = memoryview(stdin) if stdin else None
        self._child_ends: list[int] = []
        self._names: dict[int, str] = {}
        self._kept = {"stdout": bytearray(), "stderr": bytearray()}
        self._dropped = {"stdout": 0, "stderr": 0}
        self._poll = select.poll()
        self._writer: int | None = None
        self._reader_of_input: int | None = None
        self._writers: list[int] = []
        try:
            self._open()
        except OSError:
            self.close()
            raise

    def _open(self) -> None:
        for name in ("stdout", "stderr"):
            reader, writer = os.pipe2(os.O_CLOEXEC)
            self._names[reader] = name
            self._writers.append(writer)
            self._child_ends.append(writer)
            self._poll.register(reader, _READY)
            if self._pipes.size:
                fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, self._pipes.size)
        if self._input is not None:
            self._reader_of_input, self._writer = os.pipe2(os.O_CLOEXEC)
            self._child_ends.append(self._reader_of_input)
            os.set_blocking(self._writer, False)
            self._poll.register(self._writer, select.POLLOUT)

    def child_actions(self) -> list[SpawnAction]:
        """What ``posix_spawn`` has to do so that the child's three standard streams are these pipes."""
        outputs: list[SpawnAction] = [(os.POSIX_SPAWN_DUP2, self._writers[0], 1), (os.POSIX_SPAWN_DUP2, self._writers[1], 2)]
        if self._reader_of_input is None and self._closed_stdin:
            return [(os.POSIX_SPAWN_CLOSE, 0), *outputs]
        if self._reader_of_input is None:
            return [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), *outputs]
        return [(os.POSIX_SPAWN_DUP2, self._reader_of_input, 0), *outputs]

    def close_child_ends(self) -> None:
        """The harness keeps no writer of its own, so that the readers see the end when the last process has closed its side."""
        while self._child_ends:
            os.close(self._child_ends.pop())

    def watch(self, descriptor: int) -> None:
        self._poll.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)

    def pump(self, until: int, deadline: float) -> bool:
        """Move bytes until the watched descriptor becomes ready; False when the deadline comes first."""
        while True:
            left = deadline - time.monotonic()
            ready = self._step(max(0, int(left * 1000) + 1) if left > 0 else 0)
            if until in ready:
                return True
            if left <= 0:
                return False

    def drain(self, patience: float) -> list[str]:
        """Read to the end, which comes when nobody holds the other side any more. Returns the names of the streams that somebody still holds.

        Patience, because another process that is being started has copies of all pipes for an instant: the kernel lets its parent go on
        before it closes them. Where nobody holds anything no time is spent.
        """
        limit = time.monotonic() + patience + _LONGEST_DRAIN
        while self._names and time.monotonic() < limit:
            events = self.wait(int(patience * 1000))
            if not events:
                break
            self.handle(events)
        return list(self._names.values())

    def catch_up(self, seconds: float) -> None:
        """Move what is already there, at most for this long: somebody else may go on writing."""
        deadline = time.monotonic() + seconds
        while any(descriptor in self._names for descriptor in self._step(0)) and time.monotonic() < deadline:
            pass

    def _step(self, milliseconds: int) -> set[int]:
        return self.handle(self.wait(milliseconds))

    def wait(self, milliseconds: int | None) -> list[tuple[int, int]]:
        """The descriptors at which something has happened; the first half of a step, in which nothing is changed."""
        return self._poll.poll(milliseconds)

    def handle(self, events: list[tuple[int, int]]) -> set[int]:
        """The second half: move the bytes. Returns the watched descriptors among those of the events."""
        ready = set()
        for descriptor, _ in events:
            if descriptor in self._names:
                ready.add(descriptor)
                self._read(descriptor)
            elif descriptor == self._writer:
                self._write(descriptor)
            else:
                ready.add(descriptor)
        return ready

    def _read(self, descriptor: int) -> None:
        name = self._names[descriptor]
        data = os.read(descriptor, self._pipes.chunk)
        if self._pipes.pause:
            time.sleep(self._pipes.pause)
        if not data:
            self._forget(descriptor)
            del self._names[descriptor]
            return
        self._keep(name, data)

    def _keep(self, name: str, data: bytes) -> bytes:
        """The part of the data that is within the limit; the rest is counted and dropped."""
        kept = self._kept[name]
        room = self._limit - len(kept)
        if room < len(data):
            self._dropped[name] += len(data) - room
            data = data[:room]
        kept += data
        return data

    def _write(self, descriptor: int) -> None:
        if self._input:
            try:
                self._input = self._input[os.write(descriptor, self._input) :]
            except BlockingIOError:
                return
            except BrokenPipeError:
                # The program does not want the rest of its input; whether that is right shows in its output.
                self._input = None
        if not self._input:
            self._forget(descriptor)
            self._writer = None

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        os.close(descriptor)

    def kept(self, name: str) -> bytes:
        """What a stream has brought so far; empty for a stream that there is none of."""
        return bytes(self._kept.get(name, b""))

    @property
    def cut(self) -> dict[str, int]:
        """Stream name to the number of bytes beyond the limit; only streams that were cut."""
        return {name: count for name, count in self._dropped.items() if count}

    def close(self) -> None:
        self.close_child_ends()
        for descriptor in [*self._names, *([] if self._writer is None else [self._writer])]:
            os.close(descriptor)
        self._names.clear()
        self._writer = None
