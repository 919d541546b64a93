"""From runs to levels, ratios and trust: the arithmetic between what was sampled and what is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from harness.perf.arms import ArmPlan
from harness.perf.configuration import Timing
from harness.perf.record import ARTIFACT, BASELINE, CONTROL, INVALID, MEASURED, REFERENCE, Arm, Level, Ratio, TimedProgram
from harness.perf.sample import CellState, paired
from harness.perf.stats import Estimate, Interval, median_interval, paired_ratio, quantile

CONTROL_LEVEL = 0.025
"""A same-file control that is off by more than this, with an interval that excludes equality, voids the ratios of its program."""


def baseline_arm(artifact: str) -> str:
    """What the arm of an artifact is called as it was in the last release."""
    return f"last-release-{artifact}"


def level_of(values: Sequence[float]) -> Level | None:
    """Median with its interval, and the spread."""
    if not values:
        return None
    interval = median_interval(values, 0.95)
    return Level(
        median=quantile(values, 0.5),
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        p5=quantile(values, 0.05),
        p95=quantile(values, 0.95),
        least=min(values),
    )


def timed_program(timing: Timing, state: CellState, base: str) -> TimedProgram:
    """What is recorded of a sampled cell."""
    arms = tuple(_arm(plan, state) for plan in state.plan.arms)
    measured = [arm for arm in arms if arm.verdict == MEASURED]
    references = [arm for arm in measured if arm.role == REFERENCE]
    artifacts = [arm for arm in measured if arm.role == ARTIFACT]
    leader = next((arm for arm in artifacts if arm.id == base), None)
    ratios = [ratio_of(artifact, reference) for artifact in artifacts for reference in references]
    earlier = {arm.id: arm for arm in measured if arm.role == BASELINE}
    ratios += [ratio_of(artifact, earlier[name]) for artifact in artifacts if (name := baseline_arm(artifact.id)) in earlier]
    control: Ratio | None = None
    if leader is not None:
        ratios += [ratio_of(artifact, leader) for artifact in artifacts if artifact.id != base]
        control = next((ratio_of(arm, leader) for arm in measured if arm.role == CONTROL), None)
    return TimedProgram(
        id=timing.id,
        title=timing.title,
        args=timing.args,
        exit=timing.exit,
        blocks=state.blocks,
        stopped=state.stopped,
        seconds=round(state.seconds, 3),
        arms=arms,
        ratios=tuple(ratios),
        control=control,
        trusted=control is None or not _control_failed(control.estimate),
    )


def _arm(plan: ArmPlan, state: CellState) -> Arm:
    samples = tuple(state.samples.get(plan.id, ()))
    fault = state.faults.get(plan.id) or ("" if samples else "never came to run")
    return Arm(
        id=plan.id,
        label=plan.label,
        role=plan.role,
        emulated=plan.emulated,
        verdict=INVALID if fault else MEASURED,
        reason=fault,
        every=state.every.get(plan.id, 1),
        first_ns=state.first.get(plan.id),
        level=None if fault else level_of([run.ns for run in samples]),
        samples=() if fault else samples,
    )


def ratio_of(numerator: Arm, denominator: Arm) -> Ratio:
    """The ratio over the blocks that both arms took part in."""
    pairs: list[tuple[int, int]] = paired(numerator.samples, denominator.samples)
    estimate = paired_ratio([top for top, _ in pairs], [bottom for _, bottom in pairs]) if pairs else None
    return Ratio(numerator.id, denominator.id, estimate)


def _control_failed(estimate: Estimate | None) -> bool:
    if estimate is None or estimate.at98 is None:
        return False
    return not _holds_one(estimate.at98) and abs(estimate.value - 1) > CONTROL_LEVEL


def _holds_one(interval: Interval) -> bool:
    return interval.low <= 1 <= interval.high
