"""The programs that the steps of one cell have started, from their start until each has come to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from harness.execute.sandbox import Listing
from harness.execute.spawner import Glance, ProcessEnd, Running
from harness.faults import MissingProgram
from harness.model.step import Step

_KILL: Final = "KILL"


@dataclass(slots=True)
class StartedProgram:
    """One of them: the step that started it, and what became of it."""

    step: Step
    argv: tuple[str, ...]
    arguments: tuple[str, ...]
    running: Running
    before: Listing | None
    """The files of the sandbox before it began; only where somebody will ask what it changed."""
    signals: list[str] = field(default_factory=list)
    waited: bool = False
    settled: bool = False

    @property
    def alive(self) -> bool:
        return not self.running.ended

    def watch(self, holds: Callable[[Glance], bool], deadline: float) -> tuple[Glance, bool]:
        return self.running.watch(holds, deadline)

    def signal(self, name: str) -> bool:
        sent = self.running.signal(name)
        if sent:
            self.signals.append(name)
        return sent

    def type(self, data: bytes, deadline: float) -> bool:
        return self.running.type(data, deadline)

    def wait(self, deadline: float) -> ProcessEnd:
        self.waited = True
        return self.running.end(deadline)

    def stop(self) -> ProcessEnd:
        """End it now, unless it has ended: interrupt, grace, kill."""
        return self.running.end(time.monotonic())


class CellPrograms:
    """All of them, by the id of the step that started each."""

    def __init__(self) -> None:
        self._programs: dict[str, StartedProgram] = {}

    def __iter__(self) -> Iterator[StartedProgram]:
        return iter(self._programs.values())

    def add(self, program: StartedProgram) -> None:
        self._programs[program.step.id] = program

    def get(self, name: str) -> StartedProgram:
        """Raises ``MissingProgram`` when the step that starts it was not reached."""
        try:
            return self._programs[name]
        except KeyError:
            raise MissingProgram(name) from None

    def any_alive(self) -> bool:
        return any(program.alive for program in self)

    def settle_kills(self) -> bool:
        """Whether a program has ended since the last time that was asked, and a step took its chance to clean up."""
        ended = [program for program in self if not program.alive and not program.settled]
        for program in ended:
            program.settled = True
        return any(_KILL in program.signals for program in ended)

    def close(self) -> None:
        """Nothing is left running, whatever happened: the end of one that makes trouble keeps none of the others from theirs."""
        with ExitStack() as ends:
            for program in reversed(self._programs.values()):
                ends.callback(program.stop)
