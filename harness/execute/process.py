"""Runs one process to its end: both streams complete, a time limit that holds, and nothing left running afterwards.

Linux 5.4 or newer. ``posix_spawn`` is used because it resets signal dispositions (a harness started in the background of a shell ignores SIGINT,
and so would everything that it starts); it is as fast as ``subprocess`` with ``vfork`` (0.8 ms for ``true`` with pipes, either way).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from harness.execute.streams import Exchange
from harness.execute.tree import ProcessTree, become_reaper, tick
from harness.faults import SpawnFault
from harness.model.observation import Exit

GRACE: Final = 2.0
"""Seconds between the interrupt and the kill of a program that is over its time limit."""
SETTLE: Final = 0.25
"""Seconds that the remaining processes of a program get to end by themselves once the program has ended."""
_UNKILLABLE: Final = 10.0
_WORKING_DIRECTORY: Final = Lock()
"""It belongs to the whole process, and ``posix_spawn`` knows no other way to choose the child's: one thread at a time may borrow it."""
_ALL_SIGNALS: Final = tuple(sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}))


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What to run. ``argv[0]`` is an absolute path; the environment is complete; no ``stdin`` means an empty one."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    limit: float
    """Seconds."""
    output_limit: int
    """Bytes of each stream."""
    stdin: bytes | None = None


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How it went."""

    exit: Exit
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool
    cut: Mapping[str, int]
    orphans: tuple[str, ...]


class Spawner(Protocol):
    """Runs processes one after the other."""

    def run(self, spec: ProcessSpec) -> ProcessEnd:
        """Raises ``SpawnFault`` when the process could not be started or not be ended."""
        ...


@dataclass(frozen=True, slots=True)
class LocalSpawner:
    """Runs processes of this host.

    The harness's process becomes the reaper of what its children leave behind, so that a daemon that left its session is found as well.
    Whatever turns up as a new child of this process while ``run`` is active is taken for a part of the program that runs: the caller must not
    start other processes at that time.
    """

    grace: float = GRACE
    settle: float = SETTLE

    def __post_init__(self) -> None:
        become_reaper()
        _keep_descriptors_to_ourselves()

    def run(self, spec: ProcessSpec) -> ProcessEnd:
        exchange = Exchange(spec.output_limit, spec.stdin)
        try:
            began = time.monotonic()
            not_before = tick()
            tree = ProcessTree(self._start(spec, exchange), not_before)
            try:
                return self._follow(spec, exchange, tree, began)
            except BaseException:
                tree.kill_everything()
                raise
            finally:
                tree.close()
        finally:
            exchange.close()

    def _start(self, spec: ProcessSpec, exchange: Exchange) -> int:
        actions = exchange.child_actions()
        with _WORKING_DIRECTORY:
            here = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.chdir(spec.cwd)
                # An empty mask and default dispositions: nothing of the harness's own signal handling is inherited.
                return os.posix_spawn(spec.argv[0], spec.argv, spec.env, file_actions=actions, setsid=True, setsigmask=(), setsigdef=_ALL_SIGNALS)
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise SpawnFault(f"cannot start {spec.argv[0]} in {spec.cwd}: {reason}") from error
            finally:
                os.fchdir(here)
                os.close(here)
                exchange.close_child_ends()

    def _follow(self, spec: ProcessSpec, exchange: Exchange, tree: ProcessTree, began: float) -> ProcessEnd:
        exchange.watch(tree.leader_descriptor)
        timed_out = not exchange.pump(tree.leader_descriptor, began + spec.limit)
        if timed_out:
            self._end(spec, exchange, tree)
        seconds = time.monotonic() - began
        exchange.unwatch(tree.leader_descriptor)
        ended = tree.reap_leader()
        orphans = self._clear(exchange, tree)
        held = exchange.drain()
        if held and not orphans:
            orphans = tuple(f"an unknown process that holds {name} open" for name in held)
        return ProcessEnd(ended, exchange.stdout, exchange.stderr, seconds, timed_out, exchange.cut, orphans)

    def _end(self, spec: ProcessSpec, exchange: Exchange, tree: ProcessTree) -> None:
        """Interrupt, grace, kill."""
        tree.signal_group(signal.SIGINT)
        if exchange.pump(tree.leader_descriptor, time.monotonic() + self.grace):
            return
        tree.signal_group(signal.SIGKILL)
        if not exchange.pump(tree.leader_descriptor, time.monotonic() + _UNKILLABLE):
            raise SpawnFault(f"{spec.argv[0]} (process {tree.leader}) does not end, not even by SIGKILL; see its state in /proc/{tree.leader}/status")

    def _clear(self, exchange: Exchange, tree: ProcessTree) -> tuple[str, ...]:
        """End what the program left behind and say what it was. What ends by itself in time was not left behind."""
        remaining = tree.remaining()
        if not remaining:
            return ()
        deadline = time.monotonic() + self.settle
        for process in remaining:
            exchange.watch(process.descriptor)
            ended = exchange.pump(process.descriptor, deadline)
            exchange.unwatch(process.descriptor)
            if not ended:
                break
        return tree.kill_everything()


def _keep_descriptors_to_ourselves() -> None:
    """What this process was given by its own parent (a job server of make, a lock of a CI runner) is not for the programs that it runs."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names, not paths
        descriptor = int(name)
        if descriptor > 2:
            # The listing held one descriptor of its own, which is closed by now.
            with suppress(OSError):
                os.set_inheritable(descriptor, False)
