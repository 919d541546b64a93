"""Committed limits and what a session says about each: within, borderline, over, or not judged with the reason.

The interval decides, not the point: within when its far end keeps the limit, over when its near end breaks it, borderline when it holds the
limit. Sizes are exact. Emulated arms, wrong answers and a failed control are never judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.perf.configuration import Table, TimingPlan, read_toml
from harness.perf.errors import TimingFileError
from harness.perf.record import BORDERLINE, MEASURED, NOT_JUDGED, OVER, WITHIN, BudgetResult, PerfRecord
from harness.perf.stats import Estimate

AT_MOST = "at-most"
AT_LEAST = "at-least"
UNITS = {"time-ratio": "x", "median-time": "ms", "size": "MiB", "peak-memory": "MiB", "overhead": "ms"}
NEEDS = {
    "time-ratio": ("timing", "numerator", "denominator"),
    "median-time": ("timing", "artifact"),
    "size": ("artifact",),
    "peak-memory": ("timing", "artifact"),
    "overhead": (),
}


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit; which of the names are set depends on the metric."""

    id: str
    title: str
    metric: str
    direction: str
    limit: float
    timing: str = ""
    numerator: str = ""
    denominator: str = ""
    artifact: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a metric came to; ``reason`` says why there is nothing to judge."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def read_budgets(path: Path, plan: TimingPlan) -> tuple[Budget, ...]:
    """The limits of the file; one that names an unknown timed program is an error, because it could never be broken."""
    table = read_toml(path)
    budgets = tuple(_budget(entry) for entry in table.tables("budget", least=1))
    table.end()
    ids = [budget.id for budget in budgets]
    double = next((identifier for identifier in ids if ids.count(identifier) > 1), None)
    if double is not None:
        raise TimingFileError(f"{path.name}: two budgets are called {double!r}; give each its own id")
    timings = {timing.id: timing for timing in plan.timings}
    for budget in budgets:
        if budget.timing and budget.timing not in timings:
            raise TimingFileError(
                f"{path.name}: budget {budget.id!r} is about the timed program {budget.timing!r}, which is not declared; declared: {', '.join(timings)}"
            )
        if budget.metric == "peak-memory" and not timings[budget.timing].memory:
            raise TimingFileError(
                f"{path.name}: budget {budget.id!r} limits memory that timed program {budget.timing!r} does not measure; set memory = true there"
            )
    return budgets


def judge(budget: Budget, record: PerfRecord) -> BudgetResult:
    """The verdict over one limit."""
    return judged(budget.id, budget.title, budget.direction, budget.limit, UNITS[budget.metric], _METRICS[budget.metric](budget, record))


def judged(identity: str, title: str, direction: str, limit: float, unit: str, found: Measured) -> BudgetResult:
    """What was measured, held against a limit."""
    verdict = NOT_JUDGED if found.reason or found.value is None else _verdict(direction, limit, found)
    return BudgetResult(identity, title, direction, limit, unit, found.value, found.low, found.high, verdict, found.reason)


def _verdict(direction: str, limit: float, found: Measured) -> str:
    assert found.low is not None
    assert found.high is not None
    sign = 1 if direction == AT_MOST else -1
    far, near = (found.high, found.low) if sign > 0 else (found.low, found.high)
    if sign * far <= sign * limit:
        return WITHIN
    return OVER if sign * near > sign * limit else BORDERLINE


def _budget(table: Table) -> Budget:
    metric = str(table.take("metric", lambda value: value in NEEDS, f"one of {', '.join(NEEDS)}"))
    at_most, at_least = (table.optional_number(key, 0, 1e12) for key in (AT_MOST, AT_LEAST))
    if (at_most is None) == (at_least is None):
        raise table.fail(AT_MOST, "a budget has either at-most or at-least, and exactly one of them")
    names = {key: table.text(key) for key in NEEDS[metric]}
    direction, limit = (AT_MOST, at_most) if at_most is not None else (AT_LEAST, at_least)
    assert limit is not None
    budget = Budget(table.identifier(), table.text("title"), metric, direction, limit, **names)
    table.end()
    return budget


def _time_ratio(budget: Budget, record: PerfRecord) -> Measured:
    timing = record.timing(budget.timing)
    if timing is None:
        return Measured(reason=f"{budget.timing} was not timed")
    for name in (budget.numerator, budget.denominator):
        reason = _arm_reason(record, budget.timing, name)
        if reason:
            return Measured(reason=reason)
    ratio = timing.ratio(budget.numerator, budget.denominator)
    if ratio is None or ratio.estimate is None:
        return Measured(reason=f"{budget.numerator} and {budget.denominator} have no block in common")
    found = _of_estimate(ratio.estimate)
    return found if timing.trusted else Measured(found.value, found.low, found.high, "the same file measured against itself came out different")


def _median_time(budget: Budget, record: PerfRecord) -> Measured:
    timing = record.timing(budget.timing)
    reason = _arm_reason(record, budget.timing, budget.artifact)
    arm = timing.arm(budget.artifact) if timing else None
    if reason or arm is None or arm.level is None:
        return Measured(reason=reason or f"{budget.timing} was not timed")
    if arm.level.low is None or arm.level.high is None:
        return Measured(arm.level.median / 1e6, reason="too few runs for an interval")
    return Measured(arm.level.median / 1e6, arm.level.low / 1e6, arm.level.high / 1e6)


def _arm_reason(record: PerfRecord, timing: str, name: str) -> str:
    program = record.timing(timing)
    arm = program.arm(name) if program else None
    if arm is None:
        return f"{name} was not timed in {timing}"
    if arm.verdict != MEASURED:
        return f"{name} is invalid in {timing}: {arm.reason}"
    return f"{name} ran emulated, which is never judged" if arm.emulated else ""


def _size(budget: Budget, record: PerfRecord) -> Measured:
    artifact = record.artifact(budget.artifact)
    if artifact is None:
        return Measured(reason=f"{budget.artifact} was not published")
    size = artifact.size / 2**20
    return Measured(size, size, size)


def _peak_memory(budget: Budget, record: PerfRecord) -> Measured:
    row = record.memory.row(budget.timing, budget.artifact)
    if row is None or row.level is None:
        return Measured(reason=row.reason if row else f"the memory of {budget.artifact} in {budget.timing} was not measured")
    if row.emulated:
        return Measured(row.level.median / 1024, reason=f"{budget.artifact} ran emulated, which is never judged")
    if row.level.low is None or row.level.high is None:
        return Measured(row.level.median / 1024, reason="too few runs for an interval")
    # The kernel's count may be off by one step either way, so the interval is as much wider.
    step = record.memory.step_kib
    return Measured(row.level.median / 1024, max(0.0, row.level.low - step) / 1024, (row.level.high + step) / 1024)


def _overhead(budget: Budget, record: PerfRecord) -> Measured:
    if record.overhead is None:
        return Measured(reason="not measured in this session")
    return _of_estimate(record.overhead.difference_ms)


def _of_estimate(estimate: Estimate) -> Measured:
    if estimate.at95 is None:
        return Measured(estimate.value, reason=f"{estimate.count} pairs are too few for an interval")
    return Measured(estimate.value, estimate.at95.low, estimate.at95.high)


_METRICS = {"time-ratio": _time_ratio, "median-time": _median_time, "size": _size, "peak-memory": _peak_memory, "overhead": _overhead}
"""What each metric reads from the record; a new metric is one function and one entry in each of the three tables."""
