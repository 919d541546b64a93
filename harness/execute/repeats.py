"""``repeat``: the same run again and again, several at a time if that is wanted, or one run for each value of a capture.

Runs are looked at in their order whoever ends first, so that the first deviation is the same one every time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from harness.compare.judge import orphans
from harness.compare.text import diff_lines
from harness.execute.outcome import StepOutcome
from harness.execute.scope import Scope
from harness.execute.world import CellWorld
from harness.model.observation import Observation
from harness.model.step import Repeat, Step
from harness.model.verdict import Finding
from harness.normalise.registry import decode
from harness.verbs.registry import verb_of
from harness.verbs.run import RunSpec

_AHEAD: Final = 2
"""Runs that are begun ahead, per worker."""

Judge = Callable[[Step], StepOutcome]
Gather = Callable[[Observation], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Repetition:
    """How one step is repeated. ``judge`` performs and judges a run; ``gather`` gets every run that counts, in order."""

    world: CellWorld
    scope: Scope
    judge: Judge
    gather: Gather

    def outcome(self, step: Step, repeat: Repeat) -> StepOutcome:
        return self._follow(step, repeat) if repeat.follow else self._times(step, repeat)

    def _times(self, step: Step, repeat: Repeat) -> StepOutcome:
        """Judge the first run, and hold every other one against it: after normalising, not a byte may differ."""
        for number in range(1, repeat.warmup + 1):
            observation = self._perform(step)
            if findings := (*_harm(step, observation, f"warm-up run {number}"), *self.world.leaks(step, observation)):
                return StepOutcome(replace(observation, attempts=number), findings)
        first = self.judge(step)
        if first.blocks:
            return first
        first = replace(first, findings=(*first.findings, *self.gather(first.observation)))
        # A leak of one of several concurrent runs is nobody's in particular: it is looked for when all have ended.
        together = repeat.workers > 1
        for number, again in enumerate(self._others(step, repeat), 2):
            findings = _deviation(self.world, step, first.observation, again, number, files=not together) or self.gather(again)
            findings = findings if together else (*findings, *self.world.leaks(step, again))
            if findings:
                return StepOutcome(replace(again, attempts=number), (*first.findings, *findings))
        leaks = self.world.leaks(step, first.observation) if together else ()
        return replace(first, observation=replace(first.observation, attempts=repeat.times), findings=(*first.findings, *leaks))

    def _others(self, step: Step, repeat: Repeat) -> Iterator[Observation]:
        """All runs but the first, in order."""
        count = repeat.times - 1
        if repeat.workers == 1:
            for _ in range(count):
                yield self._perform(step)
            return
        with self.world.together(), ThreadPoolExecutor(repeat.workers) as pool:
            begun: deque[Future[Observation]] = deque()
            for _ in range(count):
                begun.append(pool.submit(self._perform, step))
                if len(begun) >= repeat.workers * _AHEAD:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

    def _perform(self, step: Step) -> Observation:
        return verb_of(step.verb).perform(step.verb, step, self.world).observation

    def _follow(self, step: Step, repeat: Repeat) -> StepOutcome:
        """One round after the other, each judged, until the capture is empty."""
        name = repeat.follow
        met: set[str] = set()
        for number in range(1, repeat.times + 1):
            outcome = self.judge(step if number == 1 else _with_added(step, repeat))
            outcome = replace(outcome, observation=replace(outcome.observation, attempts=number))
            if not outcome.blocks:
                outcome = replace(outcome, findings=(*outcome.findings, *self.gather(outcome.observation)))
            if outcome.blocks:
                return replace(outcome, findings=tuple(replace(finding, message=f"round {number}: {finding.message}") for finding in outcome.findings))
            value = outcome.captures.get(name)
            if value is None or value == "":
                return outcome
            if repr(value) in met:
                return replace(outcome, findings=(_endless(step, name, f"round {number} brought a value again that an earlier one had brought"),), captures={})
            met.add(repr(value))
            self.scope.follow(name, value)
        return replace(outcome, findings=(_endless(step, name, f"it still has a value after {repeat.times} rounds"),), captures={})


def _with_added(step: Step, repeat: Repeat) -> Step:
    assert isinstance(step.verb, RunSpec), "only a step that runs the program can be repeated"
    return replace(step, verb=replace(step.verb, arguments=(*step.verb.arguments, *repeat.add)))


def _endless(step: Step, name: str, what: str) -> Finding:
    return Finding(step.id, "repeat", f'following "{name}" does not come to an end: {what}', step.position, (), "repeat.follow")


def _harm(step: Step, observation: Observation, run: str) -> tuple[Finding, ...]:
    """What no run may do, compared or not."""
    if observation.timed_out:
        return (Finding(step.id, "timeout", f"{run}: no end within {observation.limit}", step.position, (), "repeat"),)
    if observation.overfull:
        return (Finding(step.id, "files", f"{run}: {observation.overfull}", step.position, (), "limit"),)
    return orphans(step, observation, f"{run}: ")


def _deviation(world: CellWorld, step: Step, first: Observation, again: Observation, number: int, *, files: bool) -> tuple[Finding, ...]:
    prefix = f"run {number} differs from run 1: "
    if again.timed_out or again.overfull:
        return _harm(step, again, f"run {number}")
    if again.exit != first.exit:
        return (Finding(step.id, "exit", f"{prefix}{again.exit} instead of {first.exit}", step.position, (f"- {first.exit}", f"+ {again.exit}"), "repeat"),)
    for name, old, new in (("stdout", first.stdout, again.stdout), ("stderr", first.stderr, again.stderr)):
        # Bytes first: normalising is needed only where they differ.
        if old != new and (before := world.normalise(decode(old))) != (after := world.normalise(decode(new))):
            return (Finding(step.id, name, f"{prefix}{name}", step.position, diff_lines(before, after), "repeat"),)
    if again.cut != first.cut:
        return (Finding(step.id, "stdout", f"{prefix}the length of the output", step.position, (), "repeat"),)
    if files and again.files != first.files:
        return (Finding(step.id, "files", f"{prefix}files {again.files} instead of {first.files}", step.position, (), "repeat"),)
    return _harm(step, again, f"run {number}")
