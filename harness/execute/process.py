"""Runs the processes of this host: both streams complete, a time limit that holds, and nothing left running afterwards."""

from __future__ import annotations

import os
import resource
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from harness.execute.background import Background
from harness.execute.network import told_of_network
from harness.execute.room import LOOK, Room
from harness.execute.spawner import Glance, ProcessEnd, ProcessSpec, Running, Spawner
from harness.execute.spawning import clear, end_now, interrupt, spawn
from harness.execute.streams import Exchange
from harness.execute.tree import ProcessTree, become_reaper

__all__ = ["GRACE", "SETTLE", "Glance", "LocalSpawner", "ProcessEnd", "ProcessSpec", "Running", "Spawner"]

GRACE: Final = 2.0
"""Seconds between the interrupt and the kill of a program that is over its time limit."""
SETTLE: Final = 0.25
"""Seconds that the remaining processes of a program get to end by themselves once the program has ended."""


@dataclass(frozen=True, slots=True)
class LocalSpawner:
    """Runs processes of this host.

    The harness's process becomes the reaper of what its children leave behind, so that a daemon that left its session is found as well.
    Whatever turns up as a new child of this process while a program runs is taken for a part of a program: the caller must not start other
    processes at that time. Several programs may run at a time, and ``run`` may be called by several threads.
    """

    grace: float = GRACE
    settle: float = SETTLE

    def __post_init__(self) -> None:
        become_reaper()
        _keep_descriptors_to_ourselves()
        _make_no_cores()

    def run(self, spec: ProcessSpec) -> ProcessEnd:
        exchange = Exchange(spec.output_limit, spec.stdin, spec.pipes, closed_stdin=spec.closed_stdin)
        try:
            room = Room(spec.allowance)
            began = time.monotonic()
            tree = spawn(spec, exchange)
            try:
                return self._follow(spec, exchange, tree, room, began)
            except BaseException:
                tree.kill_everything()
                raise
            finally:
                tree.close()
        finally:
            exchange.close()

    def start(self, spec: ProcessSpec) -> Running:
        return Background(spec, grace=self.grace, settle=self.settle)

    def _follow(self, spec: ProcessSpec, exchange: Exchange, tree: ProcessTree, room: Room, began: float) -> ProcessEnd:
        exchange.watch(tree.leader_descriptor)
        ended, overfull = _await_end(exchange, tree, room, began + spec.limit)
        timed_out = not ended and not overfull
        if overfull:
            end_now(spec, exchange, tree)
        elif timed_out:
            interrupt(spec, exchange, tree, self.grace)
        seconds = time.monotonic() - began
        exchange.unwatch(tree.leader_descriptor)
        how = tree.reap_leader()
        orphans = clear(exchange, tree, self.settle)
        beyond = str(spec.allowance) if overfull or room.exceeded() else ""
        end = ProcessEnd(how, exchange.kept("stdout"), exchange.kept("stderr"), seconds, timed_out, exchange.cut, orphans, overfull=beyond)
        return end if spec.network else told_of_network(end)


def _await_end(exchange: Exchange, tree: ProcessTree, room: Room, deadline: float) -> tuple[bool, bool]:
    """Whether it has ended, and whether it has written too much, at the deadline at the latest."""
    while True:
        until = min(deadline, time.monotonic() + LOOK)
        if exchange.pump(tree.leader_descriptor, until):
            return True, False
        if room.exceeded():
            return False, True
        if until >= deadline:
            return False, False


def _make_no_cores() -> None:
    """A program that crashes must leave the same files on every host; limits are inherited."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _keep_descriptors_to_ourselves() -> None:
    """What this process was given by its own parent (a job server of make, a lock of a CI runner) is not for the programs that it runs."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names, not paths
        descriptor = int(name)
        if descriptor > 2:
            # The listing held one descriptor of its own, which is closed by now.
            with suppress(OSError):
                os.set_inheritable(descriptor, False)
