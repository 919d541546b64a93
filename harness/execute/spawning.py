"""The first and the last moments of a process: how it is started, forced to its end, and cleared of what it leaves behind.

Linux 5.4 or newer. ``posix_spawn`` is used because it resets signal dispositions (a harness started in the background of a shell ignores SIGINT,
and so would everything that it starts); it is as fast as ``subprocess`` with ``vfork`` (0.8 ms for ``true`` with pipes, either way).
"""

from __future__ import annotations

import os
import signal
import time
from threading import Lock
from typing import Final

from harness.execute.network import without_network
from harness.execute.spawner import ProcessSpec
from harness.execute.streams import Exchange
from harness.execute.tree import HOUSEHOLD, ProcessTree, Remaining, tick
from harness.faults import SpawnFault

_UNKILLABLE: Final = 10.0
_WORKING_DIRECTORY: Final = Lock()
"""It belongs to the whole process, and ``posix_spawn`` knows no other way to choose the child's: one thread at a time may borrow it."""
_ALL_SIGNALS: Final = tuple(sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}))


def spawn(spec: ProcessSpec, exchange: Exchange) -> ProcessTree:
    """Start a process at the ends of an exchange, as the leader of a session of its own."""
    actions = exchange.child_actions()
    argv = spec.argv if spec.network else without_network(spec.argv)
    with HOUSEHOLD.lock, _WORKING_DIRECTORY:
        not_before = tick()
        here = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.chdir(spec.cwd)
            # An empty mask and default dispositions: nothing of the harness's own signal handling is inherited.
            leader = os.posix_spawn(argv[0], argv, spec.env, file_actions=actions, setsid=True, setsigmask=(), setsigdef=_ALL_SIGNALS)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SpawnFault(f"cannot start {spec.argv[0]} in {spec.cwd}: {reason}") from error
        finally:
            os.fchdir(here)
            os.close(here)
            exchange.close_child_ends()
        return ProcessTree(leader, not_before)


def interrupt(spec: ProcessSpec, exchange: Exchange, tree: ProcessTree, grace: float) -> None:
    """Interrupt, grace, kill; the leader has ended afterwards. Its descriptor is watched by the exchange."""
    tree.signal_group(signal.SIGINT)
    if not exchange.pump(tree.leader_descriptor, time.monotonic() + grace):
        end_now(spec, exchange, tree)


def end_now(spec: ProcessSpec, exchange: Exchange, tree: ProcessTree) -> None:
    """Kill the leader and its group without asking; its descriptor is watched by the exchange."""
    tree.signal_group(signal.SIGKILL)
    if not exchange.pump(tree.leader_descriptor, time.monotonic() + _UNKILLABLE):
        raise SpawnFault(f"{spec.argv[0]} (process {tree.leader}) does not end, not even by SIGKILL; see its state in /proc/{tree.leader}/status")


def clear(exchange: Exchange, tree: ProcessTree, settle: float) -> tuple[str, ...]:
    """End what the leader left behind and say what it was. What ends by itself in time was not left behind. Both streams are complete then."""
    titles: tuple[str, ...] = ()
    if remaining := tree.remaining():
        deadline = time.monotonic() + settle
        while remaining and time.monotonic() < deadline and all(_ends(exchange, process, deadline) for process in remaining):
            remaining = tree.remaining()
        titles = tree.kill_everything()
    held = exchange.drain(settle)
    return titles or tuple(f"an unknown process that holds {name} open" for name in held)


def _ends(exchange: Exchange, process: Remaining, deadline: float) -> bool:
    exchange.watch(process.descriptor)
    try:
        return exchange.pump(process.descriptor, deadline)
    finally:
        exchange.unwatch(process.descriptor)
