"""A started program as one step sees it: whatever waits does so until the time limit of that step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.execute.programs import StartedProgram
from harness.execute.sandbox import Listing
from harness.execute.spawner import Glance, ProcessEnd
from harness.model.observation import Observation

Observe = Callable[[str, tuple[str, ...], ProcessEnd, Listing | None], Observation]


@dataclass(frozen=True, slots=True)
class StepProgram:
    """The ``ProgramHandle`` of ``harness.verbs.base``."""

    step: str
    program: StartedProgram
    deadline: float
    limit: str
    observe: Observe

    def so_far(self) -> Observation:
        return self._seen(self.program.running.glance())

    def watch(self, holds: Callable[[str], bool]) -> tuple[Observation, bool]:
        glance, held = self.program.watch(lambda glance: holds(glance.screen), self.deadline)
        return self._seen(glance), held

    def watch_all(self, holds: Callable[[Observation], bool], deadline: float | None = None) -> tuple[Observation, bool]:
        """Like ``watch``, for all of its output, maybe not as long as the step may take."""
        until = self.deadline if deadline is None else min(deadline, self.deadline)
        glance, held = self.program.watch(lambda glance: holds(self._seen(glance)), until)
        return self._seen(glance), held

    def type(self, data: bytes) -> bool:
        return self.program.type(data, self.deadline)

    def signal(self, name: str) -> bool:
        return self.program.signal(name)

    def end(self) -> Observation:
        return self.observe(self.step, self.program.argv, self.program.wait(self.deadline), self.program.before)

    def state(self) -> str:
        if self.program.running.ended:
            return f"the program has ended ({self.program.running.end(time.monotonic()).exit})"
        return f"not within {self.limit}"

    def _seen(self, glance: Glance) -> Observation:
        return Observation(self.step, self.program.argv, None, glance.stdout, glance.stderr, glance.terminal, glance.screen, limit=self.limit, cut=glance.cut)
