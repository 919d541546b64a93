"""The interval decides over a budget, mirrored for the two directions; what cannot be judged says why and is never within."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.perf import codec
from harness.perf.budgets import Budget, judge
from harness.perf.record import BORDERLINE, INVALID, NOT_JUDGED, OVER, WITHIN, Overhead, PerfRecord, Ratio
from harness.perf.stats import Estimate, Interval

SESSION = codec.read(Path(__file__).with_name("data_report") / "session.json")
BASE = "native-linux-x64"


def estimate(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, Interval(low, high), Interval(low, high), 30)


def with_ratio(found: Estimate | None, *, trusted: bool = True) -> PerfRecord:
    program = replace(SESSION.timings[0], ratios=(Ratio(BASE, "hello", found),), trusted=trusted)
    return replace(SESSION, timings=(program, *SESSION.timings[1:]))


def ratio_budget(limit: float, direction: str = "at-most") -> Budget:
    return Budget("id", "title", "time-ratio", direction, limit, timing="version", numerator=BASE, denominator="hello")


@pytest.mark.parametrize(
    ("low", "high", "at_most", "at_least"),
    [
        (1.0, 2.0, WITHIN, OVER),
        (1.0, 3.0, WITHIN, BORDERLINE),
        (2.0, 4.0, BORDERLINE, BORDERLINE),
        (3.0, 4.0, BORDERLINE, WITHIN),
        (3.1, 4.0, OVER, WITHIN),
    ],
)
def test_the_interval_decides(low: float, high: float, at_most: str, at_least: str) -> None:
    record = with_ratio(estimate(low, high))
    assert judge(ratio_budget(3.0), record).verdict == at_most
    assert judge(ratio_budget(3.0, "at-least"), record).verdict == at_least


@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.1, 10))
def test_a_limit_kept_from_below_is_one_kept_by_the_inverse_from_above(low: float, high: float, limit: float) -> None:
    low, high = sorted((low, high))
    mirrored = with_ratio(estimate(-high, -low))
    assert judge(ratio_budget(limit), with_ratio(estimate(low, high))).verdict == judge(ratio_budget(-limit, "at-least"), mirrored).verdict


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (with_ratio(estimate(1, 2), trusted=False), "came out different"),
        (with_ratio(None), "no block in common"),
        (with_ratio(replace(estimate(1, 2), at95=None)), "30 pairs are too few"),
        (replace(SESSION, timings=()), "was not timed"),
    ],
)
def test_a_ratio_that_cannot_be_judged_says_why(record: PerfRecord, reason: str) -> None:
    result = judge(ratio_budget(1e9), record)
    assert result.verdict == NOT_JUDGED
    assert reason in result.reason


@pytest.mark.parametrize("metric", ["time-ratio", "median-time", "peak-memory"])
@pytest.mark.parametrize("change", ["emulated", "invalid"])
def test_emulated_and_invalid_arms_are_never_judged(metric: str, change: str) -> None:
    changes: dict[str, object] = {"emulated": True} if change == "emulated" else {"verdict": INVALID, "reason": "wrong output", "level": None}
    arms = tuple(replace(arm, **changes) if arm.id == BASE else arm for arm in SESSION.timings[0].arms)  # type: ignore[arg-type]  # two known fields
    rows = tuple(replace(row, **changes) if row.arm == BASE else row for row in SESSION.memory.rows)  # type: ignore[arg-type]  # likewise
    record = replace(SESSION, timings=(replace(SESSION.timings[0], arms=arms),), memory=replace(SESSION.memory, rows=rows))
    budget = Budget("id", "title", metric, "at-most", 1e9, timing="version", numerator=BASE, denominator="hello", artifact=BASE)
    assert judge(budget, SESSION).verdict == WITHIN
    result = judge(budget, record)
    assert result.verdict == NOT_JUDGED
    assert ("emulated" if change == "emulated" else "wrong output") in result.reason


def test_sizes_are_exact() -> None:
    artifact = SESSION.artifacts[0]
    record = replace(SESSION, artifacts=(replace(artifact, size=12 * 2**20),))
    budget = Budget("id", "title", "size", "at-most", 12, artifact=artifact.id)
    assert judge(budget, record).verdict == WITHIN
    assert judge(budget, replace(record, artifacts=(replace(artifact, size=12 * 2**20 + 1),))).verdict == OVER
    assert judge(budget, replace(record, artifacts=())).verdict == NOT_JUDGED


def test_memory_is_judged_with_the_step_in_which_the_kernel_counts() -> None:
    row = SESSION.memory.row("version", BASE)
    assert row is not None
    assert row.level is not None
    assert row.level.high is not None
    budget = Budget("id", "title", "peak-memory", "at-most", row.level.high / 1024, timing="version", artifact=BASE)
    assert judge(budget, SESSION).verdict == BORDERLINE
    assert judge(replace(budget, limit=(row.level.high + SESSION.memory.step_kib) / 1024), SESSION).verdict == WITHIN


def test_the_overhead_is_judged_by_its_interval() -> None:
    budget = Budget("id", "title", "overhead", "at-most", 3)
    for found, verdict in ((estimate(1, 2), WITHIN), (estimate(2, 4), BORDERLINE), (estimate(3.5, 4), OVER)):
        assert judge(budget, replace(SESSION, overhead=Overhead(30, 10, 5, 2, found))).verdict == verdict
    assert judge(budget, replace(SESSION, overhead=None)).verdict == NOT_JUDGED
