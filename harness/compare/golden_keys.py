"""Which goldens a scenario may use: what is on disk beyond these is left over."""

from __future__ import annotations

from harness.compare.goldens import golden_key
from harness.compare.kinds.registry import kind_of
from harness.model.scenario import Case, Scenario
from harness.model.step import Step


def golden_keys(scenario: Scenario, case: Case) -> tuple[str, ...]:
    """Every golden that a case may compare with, whatever is selected to run."""
    steps: tuple[Step, ...] = (*scenario.steps, *scenario.always)
    streams = ((step, expectation) for step in steps for expectation in (step.stdout, step.stderr, step.screen))
    return tuple(
        golden_key(scenario.id, case.id, step.id, expectation.stream)
        for step, expectation in streams
        if any(kind_of(assertion).golden(assertion) for assertion in expectation.assertions)
    )
