"""The loop over the steps of a cell: what is performed, how often, and when it stops.

A step that deviates ends the loop, because what follows it would be judged under wrong premises; a deviation from a golden alone does not, so
that one run can show (and an update can record) all goldens of a case. ``finally`` steps always run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.compare.capture import take
from harness.compare.judge import judge
from harness.compare.text import diff_lines
from harness.execute.clock import Clock
from harness.execute.context import CellContext
from harness.execute.scope import Scope
from harness.execute.world import CellWorld
from harness.faults import MissingValue
from harness.model.observation import Observation
from harness.model.step import Repeat, Step, Until
from harness.model.verdict import Finding, GoldenUse
from harness.normalise.registry import decode
from harness.verbs.registry import verb_of

_GOLDEN_CHECKS: Final = frozenset({"snapshot", "json.snapshot"})


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of one step. ``captures`` is filled only when nothing but goldens deviated."""

    observation: Observation
    findings: tuple[Finding, ...] = ()
    captures: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return any(finding.check not in _GOLDEN_CHECKS for finding in self.findings)


@dataclass(slots=True)
class Progress:
    """What the steps of a cell have come to so far; also read when a harness fault cuts them short."""

    findings: list[Finding] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """``finally`` steps that could not run because a value that they need was never captured."""
    goldens: list[GoldenUse] = field(default_factory=list)
    sandbox: Path | None = None


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
        """Every step, whatever the others came to. One that needs a value which was never captured has nothing to do."""
        for step in steps:
            try:
                self._step(step)
            except MissingValue as missing:
                self.progress.skipped.append(f"{step.id}: {missing}")

    def _step(self, step: Step) -> StepOutcome:
        self.world.begin(step)
        if step.until is not None:
            outcome = self._until(step, step.until)
        elif step.repeat is not None:
            outcome = self._repeat(step, step.repeat)
        else:
            outcome = self._once(step, self.context)
        self.progress.observations.append(outcome.observation)
        self.progress.findings.extend(outcome.findings)
        self.scope.add_captures(outcome.captures)
        return outcome

    def _once(self, step: Step, context: CellContext) -> StepOutcome:
        verb = verb_of(step.verb)
        performed = verb.perform(step.verb, step, self.world)
        observation: Observation = performed.observation
        findings = tuple(self._normalised(finding) for finding in performed.findings)
        if not verb.process:
            return StepOutcome(observation, findings)
        findings = (*findings, *judge(step, observation, context), *self.world.leaks(step, observation))
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

    def _repeat(self, step: Step, repeat: Repeat) -> StepOutcome:
        """Judge the first run, and hold every other one against it: after normalising, not a byte may differ."""
        first = self._once(step, self.context)
        if first.blocks:
            return first
        for number in range(2, repeat.times + 1):
            again = verb_of(step.verb).perform(step.verb, step, self.world)
            findings = (*self._deviation(step, first.observation, again.observation, number), *self.world.leaks(step, again.observation))
            if findings:
                return StepOutcome(replace(again.observation, attempts=number), (*first.findings, *findings))
        return replace(first, observation=replace(first.observation, attempts=repeat.times))

    def _deviation(self, step: Step, first: Observation, again: Observation, number: int) -> tuple[Finding, ...]:
        prefix = f"run {number} differs from run 1: "
        if again.timed_out:
            return (Finding(step.id, "timeout", f"run {number}: no end within {again.limit}", step.position, (), "repeat"),)
        if again.exit != first.exit:
            return (Finding(step.id, "exit", f"{prefix}{again.exit} instead of {first.exit}", step.position, (f"- {first.exit}", f"+ {again.exit}"), "repeat"),)
        for name, old, new in (("stdout", first.stdout, again.stdout), ("stderr", first.stderr, again.stderr)):
            # Bytes first: normalising is needed only where they differ.
            if old != new and (before := self.world.normalise(decode(old))) != (after := self.world.normalise(decode(new))):
                return (Finding(step.id, name, f"{prefix}{name}", step.position, diff_lines(before, after), "repeat"),)
        if again.cut != first.cut or again.files != first.files:
            what = "the length of the output" if again.cut != first.cut else f"files {again.files} instead of {first.files}"
            return (Finding(step.id, "files" if again.files != first.files else "stdout", f"{prefix}{what}", step.position, (), "repeat"),)
        return tuple(
            Finding(step.id, "leak", f"run {number}: a process outlived the step and was killed: {name}", step.position, (), "orphan") for name in again.orphans
        )

    def _normalised(self, finding: Finding) -> Finding:
        """What a verb reports names real addresses; two runs must report the same."""
        return replace(finding, message=self.world.normalise(finding.message), diff=tuple(self.world.normalise(line) for line in finding.diff))
