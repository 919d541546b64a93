"""What a session says about the limits of a marked step: one row for each limit and artifact, with the interval that decides over it.

- A share of the runs (p50, p95, p99) is judged by the order-statistic interval of that quantile at 95 %, which needs enough runs; too few are said to be.
- The fastest and the slowest run are facts about the session, without an interval, as sizes are.
- A multiple of a reference is taken to its median: for p50 over pairs of the same block, else from two intervals that hold together at 95 %.
- Memory is the largest of its runs, give or take the step in which the kernel counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.model.budget import PEAK, Growth, Limit
from harness.perf.budgets import AT_MOST, Measured, judged
from harness.perf.marked import MarkedStep
from harness.perf.record import MEASURED, Arm, ArtifactFacts, BudgetResult, PerfRecord, TimedProgram, TimedStep
from harness.perf.results import baseline_arm
from harness.perf.stats import Interval, median_interval, quantile, quantile_interval, runs_needed
from harness.perf.steps import JOINT, SINGLE, WALL_MIDDLE

UNTRUSTED = "the same file measured against itself came out different"
NO_BASELINE = "the artifacts of the last release were not given: conformance time --baseline PATH/artifacts.json"


@dataclass(frozen=True, slots=True)
class _Quantile:
    """A quantile of some runs, in nanoseconds: the point, and the interval where there can be one."""

    value: float
    interval: Interval | None
    reason: str = ""


def judge_step(step: MarkedStep, timed: TimedStep, record: PerfRecord) -> tuple[BudgetResult, ...]:
    """A row for every limit on every artifact of its kind; a limit of a kind that was not there is a row, too."""
    rows: list[BudgetResult] = []
    for limit in step.budget.limits:
        of_kind = [artifact for artifact in record.artifacts if artifact.kind == limit.kind]
        if not of_kind:
            rows.append(_row(step, limit, f"{limit.kind} artifacts", timed, Measured(reason=f"no {limit.kind} artifact was timed")))
        rows += [_row(step, limit, artifact.id, timed, _of_limit(limit, artifact, timed, record)) for artifact in of_kind]
    for growth in step.budget.growths:
        rows += _growth_rows(step, growth, timed, record)
    return tuple(rows)


def _row(step: MarkedStep, limit: Limit, name: str, timed: TimedStep, found: Measured) -> BudgetResult:
    what = "peak memory" if limit.quantity == PEAK else limit.quantity.removeprefix("wall.")
    reference = timed.program.arm(limit.reference) if timed.program and limit.reference else None
    beside = f" / {reference.label if reference else limit.reference}" if limit.reference else ""
    amount, unit = (limit.amount / 2**20, "MiB") if limit.quantity == PEAK else (limit.amount, "x") if limit.reference else (limit.amount * 1e3, "ms")
    identity = f"{step.id} {limit.quantity} {name}{beside}"
    return judged(identity, f"{step.title}: {what} of {name}{beside}", AT_MOST, amount, unit, found)


def _growth_rows(step: MarkedStep, growth: Growth, timed: TimedStep, record: PerfRecord) -> Iterator[BudgetResult]:
    what = "peak memory" if growth.quantity == PEAK else growth.quantity.removeprefix("wall.")
    for artifact in record.artifacts:
        if artifact.development:  # never released
            continue
        found = _of_growth(growth, artifact, timed, record)
        identity = f"{step.id} {growth.quantity} {artifact.id} / last release"
        yield judged(identity, f"{step.title}: {what} of {artifact.id} / last release", AT_MOST, growth.factor, "x", found)


def _of_limit(limit: Limit, artifact: ArtifactFacts, timed: TimedStep, record: PerfRecord) -> Measured:
    if timed.program is None:
        return Measured(reason=timed.reason)
    if limit.quantity == PEAK:
        return _peak(timed, artifact.id, record.memory.step_kib)
    arm, reason = _arm(timed.program, artifact.id)
    if arm is None:
        return Measured(reason=reason)
    fraction = limit.fraction or 0.0
    if not limit.reference:
        # What the fastest and the slowest run took is a fact, however noisy the session was.
        doubt = _emulated(arm) if fraction in (0, 1) else _doubt(timed.program, arm)
        return _milliseconds(_quantile_of(arm, fraction, SINGLE), doubt)
    reference, reason = _arm(timed.program, limit.reference)
    if reference is None:
        return Measured(reason=reason)
    return _quotient(timed.program, arm, reference, fraction, to_median=True)


def _of_growth(growth: Growth, artifact: ArtifactFacts, timed: TimedStep, record: PerfRecord) -> Measured:
    if timed.program is None:
        return Measured(reason=timed.reason)
    if not record.baseline:
        return Measured(reason=NO_BASELINE)
    earlier = baseline_arm(artifact.id)
    if not any(facts.id == artifact.id for facts in record.baseline):
        return Measured(reason=f"the last release has no {artifact.id} that runs here")
    if growth.quantity == PEAK:
        return _peak_quotient(_peak(timed, artifact.id, record.memory.step_kib), _peak(timed, earlier, record.memory.step_kib))
    arm, reason = _arm(timed.program, artifact.id)
    before, reason_before = _arm(timed.program, earlier)
    if arm is None or before is None:
        return Measured(reason=reason or reason_before)
    return _quotient(timed.program, arm, before, growth.fraction or 0.0, to_median=False)


def _arm(program: TimedProgram, name: str) -> tuple[Arm | None, str]:
    """The arm, or why there is nothing to judge."""
    arm = program.arm(name)
    if arm is None:
        return None, f"{name} was not timed here"
    return (arm, "") if arm.verdict == MEASURED else (None, f"{arm.label} is invalid here: {arm.reason}")


def _doubt(program: TimedProgram, *arms: Arm) -> str:
    """Why what was measured is shown and not judged; empty when it is."""
    return _emulated(*arms) or ("" if program.trusted else UNTRUSTED)


def _emulated(*arms: Arm) -> str:
    return next((f"{arm.label} ran emulated, which is never judged" for arm in arms if arm.emulated), "")


def _quantile_of(arm: Arm, fraction: float, confidence: float) -> _Quantile:
    runs = [run.ns for run in arm.samples]
    value = quantile(runs, fraction)
    if fraction in (0, 1):  # the fastest and the slowest of these runs are what they are
        return _Quantile(value, Interval(value, value))
    interval = median_interval(runs, confidence) if fraction == WALL_MIDDLE else quantile_interval(runs, fraction, confidence)
    if interval is None:
        needed = runs_needed(fraction, confidence)
        return _Quantile(value, None, f"{len(runs)} runs of {arm.label} are too few for p{round(fraction * 100)}, {needed} are needed")
    return _Quantile(value, interval)


def _milliseconds(found: _Quantile, doubt: str) -> Measured:
    if found.interval is None:
        return Measured(found.value / 1e6, reason=doubt or found.reason)
    return Measured(found.value / 1e6, found.interval.low / 1e6, found.interval.high / 1e6, doubt)


def _quotient(program: TimedProgram, arm: Arm, other: Arm, fraction: float, *, to_median: bool) -> Measured:
    """How many times the other the arm takes at this quantile; the other stands with its median, or with the same quantile."""
    doubt = _doubt(program, arm, other)
    if fraction == WALL_MIDDLE:
        ratio = program.ratio(arm.id, other.id)
        if ratio is None or ratio.estimate is None:
            return Measured(reason=f"{arm.label} and {other.label} have no block in common")
        if ratio.estimate.at95 is None:
            return Measured(ratio.estimate.value, reason=doubt or f"{ratio.estimate.count} pairs are too few for an interval")
        return Measured(ratio.estimate.value, ratio.estimate.at95.low, ratio.estimate.at95.high, doubt)
    top, bottom = _quantile_of(arm, fraction, JOINT), _quantile_of(other, WALL_MIDDLE if to_median else fraction, JOINT)
    value = top.value / bottom.value
    if top.interval is None or bottom.interval is None:
        return Measured(value, reason=doubt or top.reason or bottom.reason)
    return Measured(value, top.interval.low / bottom.interval.high, top.interval.high / bottom.interval.low, doubt)


def _peak(timed: TimedStep, name: str, step_kib: int) -> Measured:
    row = timed.peak(name)
    if row is None or row.level is None:
        return Measured(reason=f"{row.label} is invalid here: {row.reason}" if row else f"the memory of {name} was not measured here")
    most = max(row.runs)
    if row.emulated:
        return Measured(most / 1024, reason=f"{row.label} ran emulated, which is never judged")
    return Measured(most / 1024, max(0, most - step_kib) / 1024, (most + step_kib) / 1024)


def _peak_quotient(now: Measured, before: Measured) -> Measured:
    if now.reason or before.reason or now.value is None or before.value is None:
        return Measured(reason=now.reason or before.reason)
    assert now.low is not None
    assert now.high is not None
    assert before.low is not None
    assert before.high is not None
    if not before.low:
        return Measured(now.value / before.value, reason="the memory of the last release is less than the kernel can tell")
    return Measured(now.value / before.value, now.low / before.high, now.high / before.low)
