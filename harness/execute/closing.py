"""The end of a cell for its programs: those that still run are ended, and those that no step has waited for are judged.

A program that a step has sent a signal may still run, and may end in any way. Any other must have ended by itself, and rightly. Output that the
start step does not mention must not be there, as with every other step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.compare.judge import judge
from harness.execute.context import CellContext
from harness.execute.outcome import Progress, blocks
from harness.execute.programs import StartedProgram
from harness.execute.world import CellWorld
from harness.model.observation import Observation
from harness.model.step import ExitExpectation, Step, StreamExpectation
from harness.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class Closing:
    """Brings every program of a cell to its end."""

    world: CellWorld
    context: CellContext
    progress: Progress

    def close(self) -> None:
        # When a step has failed, the steps that would have waited were not reached: only what the programs had printed is of interest then.
        stopped = blocks(self.progress.findings)
        for program in self.world.programs:
            if program.waited:
                continue
            alive = program.alive
            self.world.begin(program.step)
            observation = self.world.observe(program.step.id, program.argv, program.stop(), None)
            self._replace(observation)
            if not stopped:
                self.progress.findings.extend(self._findings(program, observation, alive=alive))

    def _replace(self, observation: Observation) -> None:
        """What the start step had seen was the beginning; the whole of it takes its place."""
        for index, earlier in enumerate(self.progress.observations):
            if earlier.step == observation.step:
                self.progress.observations[index] = observation
                return

    def _findings(self, program: StartedProgram, observation: Observation, *, alive: bool) -> Iterator[Finding]:
        step = program.step
        if alive and not program.signals:
            message = "the program was still running after the last step and was ended; a step must wait for it or send it a signal"
            yield Finding(step.id, "leak", message, step.position, (), "running")
            return
        ended = replace(observation, timed_out=False, exit=None if program.signals else observation.exit)
        if alive:  # its processes were ended with it
            ended = replace(ended, orphans=())
        yield from judge(_expectations(step), ended, self.context)
        yield from self.world.leaks(step, observation)


def _expectations(step: Step) -> Step:
    """What a program owes that nobody has waited for: what its start step says of its output held while it ran."""
    return replace(step, exit=ExitExpectation(), stdout=_rest(step.stdout), stderr=_rest(step.stderr), screen=_rest(step.screen))


def _rest(stream: StreamExpectation) -> StreamExpectation:
    return replace(stream, assertions=(), ignore="held while the program ran") if stream.assertions else stream
