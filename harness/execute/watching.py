"""Waiting until the output of a running program is as a step says: looked at whenever there is more of it, up to the time limit of the step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from harness.compare.judge import judge_so_far
from harness.execute.clock import Clock
from harness.execute.context import CellContext
from harness.execute.step_program import StepProgram
from harness.model.observation import Observation
from harness.model.step import Step
from harness.model.verdict import Finding

_QUIET: Final = 0.5
"""Seconds of silence after which a screen that has no golden yet is taken for finished. One that has a golden is waited for as long as the step may take."""


@dataclass(slots=True)
class _Look:
    """The last time that the output was judged: in a context of its own, whose traces count only for the last look of all."""

    step: Step
    before: CellContext
    context: CellContext
    findings: tuple[Finding, ...] = ()

    def holds(self, observation: Observation) -> bool:
        self.context = self.before.attempt()
        self.findings = judge_so_far(self.step, observation, self.context)
        return not self.findings or self.unrecorded

    @property
    def unrecorded(self) -> bool:
        """Whether nothing is wrong but that there is no golden yet: then there is nothing to compare with, and silence has to do."""
        missing = {use.position for use in self.context.uses if use.missing}
        return bool(self.findings) and all(finding.position in missing for finding in self.findings)


def await_output(step: Step, program: StepProgram, context: CellContext, clock: Clock) -> tuple[Observation, tuple[Finding, ...]]:
    """What the program had brought in the end, and what did not come to hold."""
    if not any(stream.assertions for stream in (step.stdout, step.stderr, step.screen)):
        return program.so_far(), ()
    look = _Look(step, context, context)
    observation, held = program.watch_all(look.holds)
    while held and look.unrecorded:
        seen = observation.screen
        observation, more = program.watch_all(lambda later, seen=seen: later.screen != seen, clock.now() + _QUIET)  # type: ignore[misc]  # the value of this round
        held = look.holds(observation)
        if not more:
            break
    context.adopt(look.context)
    if not look.findings or look.unrecorded:
        return observation, look.findings
    return observation, tuple(replace(finding, message=f"{finding.message}: {program.state()}") for finding in look.findings)
