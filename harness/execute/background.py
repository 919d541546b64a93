"""A program that runs while other steps are performed. A thread of its own takes its output, so that a full pipe never makes it wait."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final

from harness.execute.network import told_of_network
from harness.execute.room import LOOK, Room
from harness.execute.spawner import Glance, ProcessEnd, ProcessSpec
from harness.execute.spawning import clear, interrupt, spawn
from harness.execute.streams import Exchange
from harness.execute.terminal import TerminalExchange
from harness.faults import SpawnFault

_LAST_BYTES: Final = 0.25
"""Seconds that are spent on what is still in the pipes of a program that has ended, before its end is told."""


class Background:
    """A started program: the ``Running`` of ``harness.execute.spawner``."""

    def __init__(self, spec: ProcessSpec, *, grace: float, settle: float) -> None:
        self._spec = spec
        self._grace = grace
        self._settle = settle
        self._changed = Condition()
        self._over = False
        self._fault: BaseException | None = None
        self._end: ProcessEnd | None = None
        self._failure: BaseException | None = None
        """Why there is no telling how it ended, once it was ended."""
        self._stop = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._exchange: Exchange = (
            TerminalExchange(spec.output_limit, spec.terminal)
            if spec.terminal
            else Exchange(spec.output_limit, spec.stdin, spec.pipes, closed_stdin=spec.closed_stdin)
        )
        self._room = Room(spec.allowance)
        self._overfull = False
        try:
            self._began = time.monotonic()
            self._tree = spawn(spec, self._exchange)
        except BaseException:
            self._close()
            raise
        self._seconds = 0.0
        self._thread = Thread(target=self._follow, name=f"output of process {self._tree.leader}", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        with self._changed:
            if not self._over and self._tree.leader_ended():
                # The thread has not been scheduled since; what the program did by itself must not count as done to it.
                self._changed.wait_for(lambda: self._over)
            return self._over

    def glance(self) -> Glance:
        with self._changed:
            return self._glance()

    def watch(self, holds: Callable[[Glance], bool], deadline: float) -> tuple[Glance, bool]:
        with self._changed:
            while True:
                glance = self._glance()
                if holds(glance):
                    return glance, True
                left = deadline - time.monotonic()
                if glance.ended or left <= 0:
                    return glance, False
                self._changed.wait(left)

    def signal(self, name: str) -> bool:
        with self._changed:
            return not self._over and self._tree.signal_leader(signal.Signals[f"SIG{name}"])

    def type(self, data: bytes, deadline: float) -> bool:
        if not isinstance(self._exchange, TerminalExchange):
            raise SpawnFault(f"{self._spec.argv[0]} has no terminal to type into")
        return not self._over and self._exchange.type(data, deadline)

    def end(self, deadline: float) -> ProcessEnd:
        if self._failure is not None:
            raise self._failure
        if self._end is None:
            over = self._await_end(deadline)
            os.eventfd_write(self._stop, 1)
            self._thread.join()
            try:
                self._end = self._finish(forced=not over)
            except BaseException as error:
                # Its descriptors are given back below, so nobody may ask them again, and nobody may wait for the thread.
                self._failure, self._over = error, True
                self._tree.kill_everything()
                raise
            finally:
                self._tree.close()
                self._close()
        return self._end

    def _await_end(self, deadline: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._over, max(0.0, deadline - time.monotonic()))

    def _finish(self, *, forced: bool) -> ProcessEnd:
        """The thread has ended: from here on the caller takes the output."""
        exchange, tree = self._exchange, self._tree
        if self._fault is not None:
            raise SpawnFault(f"the output of {self._spec.argv[0]} could not be taken: {self._fault}") from self._fault
        if forced and not self._over:
            exchange.watch(tree.leader_descriptor)
            interrupt(self._spec, exchange, tree, self._grace)
            exchange.unwatch(tree.leader_descriptor)
            self._seconds = time.monotonic() - self._began
        ended = tree.reap_leader()
        orphans = clear(exchange, tree, self._settle)
        self._over = True
        glance = self._glance()
        beyond = str(self._spec.allowance) if self._overfull or self._room.exceeded() else ""
        seconds, screen = self._seconds, glance.screen
        end = ProcessEnd(ended, glance.stdout, glance.stderr, seconds, forced, glance.cut, orphans, glance.terminal, screen, overfull=beyond)
        return end if self._spec.network else told_of_network(end)

    def _follow(self) -> None:
        exchange, leader = self._exchange, self._tree.leader_descriptor
        exchange.watch(leader)
        exchange.watch(self._stop)
        try:
            look = time.monotonic() + LOOK
            while not self._over:
                events = exchange.wait(max(0, int((look - time.monotonic()) * 1000)) + 1)
                if time.monotonic() >= look:
                    self._look_at_room()
                    look = time.monotonic() + LOOK
                with self._changed:
                    ready = exchange.handle(events)
                    if leader in ready:
                        self._seconds = time.monotonic() - self._began
                        exchange.unwatch(leader)
                        exchange.catch_up(_LAST_BYTES)
                        self._over = True
                    self._changed.notify_all()
                if self._stop in ready:
                    break
        except BaseException as error:  # whatever it is: nobody else would hear of it, and the main thread raises it again
            with self._changed:
                self._fault, self._over = error, True
                self._changed.notify_all()
        finally:
            exchange.unwatch(self._stop)
            if not self._over:
                exchange.unwatch(leader)

    def _look_at_room(self) -> None:
        if not self._overfull and self._room.exceeded():
            self._overfull = True
            self._tree.signal_group(signal.SIGKILL)

    def _glance(self) -> Glance:
        exchange = self._exchange
        terminal = exchange.kept("terminal") if isinstance(exchange, TerminalExchange) else None
        screen = exchange.screen.text() if isinstance(exchange, TerminalExchange) else ""
        return Glance(exchange.kept("stdout"), exchange.kept("stderr"), terminal, screen, exchange.cut, self._over)

    def _close(self) -> None:
        self._exchange.close()
        os.close(self._stop)
