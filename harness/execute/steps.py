"""The loop over the steps of a cell: what is performed, how often, and when it stops.

A step that deviates ends the loop, because what follows it would be judged under wrong premises; a deviation from a golden alone does not, so
that one run can show (and an update can record) all goldens of a case. ``finally`` steps always run. After them every program that is still
running is ended, and one that no step has waited for is judged by what it came to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.compare.capture import take
from harness.execute.clock import Clock
from harness.execute.closing import Closing
from harness.execute.context import CellContext
from harness.execute.gathering import Gathering
from harness.execute.leniency import judge_leniently
from harness.execute.outcome import Progress, StepOutcome
from harness.execute.repeats import Repetition
from harness.execute.retrying import exhausted, flaky, signature
from harness.execute.scope import Scope
from harness.execute.watching import await_output
from harness.execute.world import CellWorld
from harness.faults import MissingProgram, MissingValue
from harness.model.flow import Retry
from harness.model.observation import Observation
from harness.model.step import Step, Until
from harness.model.verdict import Finding
from harness.verbs.base import Judging
from harness.verbs.registry import verb_of


@dataclass(frozen=True, slots=True)
class StepLoop:
    """Performs steps in a prepared cell."""

    world: CellWorld
    context: CellContext
    scope: Scope
    clock: Clock
    progress: Progress

    def run(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if self._step(step).blocks:
                return

    def run_always(self, steps: Sequence[Step]) -> None:
        """Every step, whatever the others came to. One that needs a value or a program which was never there has nothing to do."""
        for step in steps:
            try:
                self._step(step)
            except (MissingValue, MissingProgram) as missing:
                self.progress.skipped.append(f"{step.id}: {missing}")

    def close(self) -> None:
        """End the programs that still run, and take them into account."""
        Closing(self.world, self.context, self.progress).close()
        self.progress.findings.extend(self.world.changes())

    def _step(self, step: Step) -> StepOutcome:
        self.world.begin(step)
        gathering = Gathering(step)
        outcome = self._performed(step, gathering)
        if changes := self.world.changes():
            outcome = replace(outcome, findings=(*outcome.findings, *changes))
        if not outcome.blocks:
            # Gathered values are what was really printed, so they are held against real values; what is told of them is normalised.
            whole = (self._normalised(finding) for finding in gathering.finish(self.world.resolve_value))
            outcome = replace(outcome, findings=(*outcome.findings, *whole))
        self.progress.observations.append(outcome.observation)
        self.progress.findings.extend(outcome.findings)
        self.scope.add_captures(outcome.captures if outcome.blocks else {**outcome.captures, **gathering.lists})
        return outcome

    def _performed(self, step: Step, gathering: Gathering) -> StepOutcome:
        """The step as often as it asks for. Every run that counts is gathered from in its order."""
        if step.repeat is not None:
            return Repetition(self.world, self.scope, lambda run: self._once(run, self.context), gathering.add).outcome(step, step.repeat)
        if step.until is not None:
            outcome = self._until(step, step.until)
        elif step.retry is not None:
            outcome = self._retry(step, step.retry)
        else:
            outcome = self._once(step, self.context)
        if outcome.blocks:
            return outcome
        return replace(outcome, findings=(*outcome.findings, *gathering.add(outcome.observation)))

    def _once(self, step: Step, context: CellContext) -> StepOutcome:
        verb = verb_of(step.verb)
        performed = verb.perform(step.verb, step, self.world)
        observation: Observation = performed.observation
        findings = tuple(self._normalised(finding) for finding in performed.findings)
        judging = verb.judging(step.verb)
        if judging is Judging.SO_FAR and not findings:
            observation, findings = await_output(step, self.world.program(step.program or step.id), context, self.clock)
        elif judging is Judging.END:
            findings = (*findings, *judge_leniently(step, observation, context, self.world.lenient), *self.world.leaks(step, observation))
        outcome = StepOutcome(observation, findings)
        if outcome.blocks or not step.captures:
            return outcome
        captures, missing = take(step, observation)
        return StepOutcome(observation, (*findings, *missing), captures)

    def _until(self, step: Step, until: Until) -> StepOutcome:
        """Again until it holds. An attempt that began in time may end late: its own time limit bounds it."""
        deadline = self.clock.now() + until.within
        attempts = 0
        while True:
            attempts += 1
            attempt = self.context.attempt()
            outcome = self._once(step, attempt)
            left = deadline - self.clock.now()
            # A leak is final: the next attempt would only cover it up.
            if not outcome.findings or left <= 0 or any(finding.aspect == "leak" for finding in outcome.findings):
                break
            self.clock.sleep(min(until.every, left))
        self.context.adopt(attempt)
        return replace(outcome, observation=replace(outcome.observation, attempts=attempts))

    def _retry(self, step: Step, retry: Retry) -> StepOutcome:
        """Again only after a failure that shows the known text; what then holds is flaky, and said to be."""
        lines: list[str] = []
        for run in range(1, retry.times + 1):
            attempt = self.context.attempt()
            outcome = self._once(step, attempt)
            outcome = replace(outcome, observation=replace(outcome.observation, attempts=run))
            line = signature(retry, outcome.findings, outcome.observation) if outcome.blocks else None
            if line is None:
                break
            lines.append(line)
        self.context.adopt(attempt)
        if not lines:
            return outcome
        note = exhausted(step.id, retry, lines) if len(lines) == retry.times else None
        if note is None and not outcome.blocks:
            note = flaky(step.id, retry, len(lines) + 1, lines)
        return replace(outcome, findings=(*outcome.findings, *((self._normalised(note),) if note else ())))

    def _normalised(self, finding: Finding) -> Finding:
        """What a verb reports names real addresses; two runs must report the same."""
        return replace(finding, message=self.world.normalise(finding.message), diff=tuple(self.world.normalise(line) for line in finding.diff))
