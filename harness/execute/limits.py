"""How long a step may take, and who said so."""

from __future__ import annotations

from harness.load.limits import STEP_SECONDS
from harness.model.scenario import Scenario
from harness.model.step import Step


def step_limit(scenario: Scenario, step: Step) -> tuple[float, str]:
    """Seconds, and the text that a report shows: ``10 s (default of the unit tier)``."""
    if step.timeout is not None:
        return step.timeout, f"{step.timeout:g} s (step)"
    if scenario.timeout is not None:
        return scenario.timeout, f"{scenario.timeout:g} s (scenario)"
    seconds = STEP_SECONDS[scenario.tier]
    return seconds, f"{seconds:g} s (default of the {scenario.tier.value} tier)"
