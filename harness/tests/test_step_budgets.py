"""Limits in a scenario, judged: quantiles by order statistics, extremes as facts, multiples and growth by intervals; what cannot be judged says why."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.load.document import Document
from harness.load.errors import ScenarioError
from harness.load.scenarios import bind_scenario
from harness.model.budget import KINDS, PEAK, WALL, Budget, Growth, Limit
from harness.perf import codec, stats
from harness.perf.marked import MarkedStep
from harness.perf.record import (
    ARTIFACT,
    BASELINE,
    BORDERLINE,
    INVALID,
    MEASURED,
    NOT_JUDGED,
    OVER,
    REFERENCE,
    WITHIN,
    Arm,
    BudgetResult,
    MemoryRow,
    PerfRecord,
    Sample,
    TimedProgram,
    TimedStep,
)
from harness.perf.results import level_of, ratio_of
from harness.perf.step_budgets import NO_BASELINE, UNTRUSTED, judge_step
from harness.perf.steps import needed_runs

SESSION = codec.read(Path(__file__).with_name("data_report") / "session.json")
NATIVE = "native-linux-x64"
MS = 1_000_000
MIB = 2**20


def arm(name: str, runs: list[int], role: str = ARTIFACT, **changes: object) -> Arm:
    samples = tuple(Sample(block, ns) for block, ns in enumerate(runs))
    made = Arm(name, name, role, emulated=False, verdict=MEASURED, reason="", every=1, first_ns=None, level=level_of(runs), samples=samples)
    return replace(made, **changes)  # type: ignore[arg-type]  # the changes are fields


def program(*arms: Arm, trusted: bool = True) -> TimedProgram:
    others = [other for other in arms if other.role in (REFERENCE, BASELINE)]
    ratios = tuple(ratio_of(one, other) for one in arms if one.role == ARTIFACT for other in others)
    return TimedProgram("s::a", "s a", ("x",), 0, 100, "time", 1.0, arms, ratios, None, trusted)


def judged(budget: Budget, timed: TimedProgram | None, *, memory: tuple[MemoryRow, ...] = (), reason: str = "", record: PerfRecord = SESSION) -> BudgetResult:
    """The row of the one limit on the native artifact."""
    native = next(facts for facts in record.artifacts if facts.id == NATIVE)
    marked = MarkedStep("s", "", "a", "s.toml:1", ("x",), budget)
    row = TimedStep("s", "", "a", "s.toml:1", "", reason, timed, memory)
    (result,) = judge_step(marked, row, replace(record, artifacts=(native,)))
    return result


def noise(name: str, count: int, middle: float) -> list[int]:
    source = random.Random(name)
    return [round(middle * MS * source.lognormvariate(0, 0.2)) for _ in range(count)]


def wall(quantile: str, amount: float, reference: str = "") -> Budget:
    return Budget((Limit(f"wall.{quantile}", "native", amount, reference),))


@pytest.mark.parametrize("count", [1, 2, 7, 20, 72, 73, 100])
@pytest.mark.parametrize("fraction", [Fraction(1, 2), Fraction(19, 20), Fraction(99, 100)])
def test_the_bounds_of_a_quantile_are_the_closest_that_keep_the_confidence(count: int, fraction: Fraction) -> None:
    """Counted exactly: the chance that so many of the observations lie below the quantile."""
    chances = [math.comb(count, below) * fraction**below * (1 - fraction) ** (count - below) for below in range(count + 1)]
    low, high = stats.quantile_positions(count, float(fraction), 0.95)
    tail = Fraction(1, 40)
    assert sum(chances[:low]) <= tail < sum(chances[: low + 1])
    if high:
        assert sum(chances[high:]) <= tail < sum(chances[high - 1 :])
    else:
        assert sum(chances[count:]) > tail


def test_the_interval_of_the_middle_is_that_of_the_median() -> None:
    for count in range(1, 60):
        values = [float(value) for value in noise(str(count), count, 5)]
        assert stats.quantile_interval(values, 0.5, 0.95) == stats.median_interval(values, 0.95)


@pytest.mark.parametrize(("fraction", "confidence", "runs"), [(0.95, 0.95, 72), (0.99, 0.95, 368), (0.95, 0.975, 86), (0.99, 0.975, 437), (0.5, 0.95, 6)])
def test_so_many_runs_are_needed_and_no_fewer(fraction: float, confidence: float, runs: int) -> None:
    assert stats.runs_needed(fraction, confidence) == runs
    assert stats.quantile_interval([1.0] * runs, fraction, confidence) is not None
    assert stats.quantile_interval([1.0] * (runs - 1), fraction, confidence) is None


@pytest.mark.parametrize("fraction", [0, 1])
def test_the_ends_of_a_distribution_have_no_interval(fraction: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        stats.quantile_positions(10, fraction, 0.95)


@pytest.mark.parametrize("name", ["p50", "p95", "p99"])
def test_the_interval_decides_over_a_quantile(name: str) -> None:
    runs = noise(name, 400, 10)
    found = stats.quantile_interval(runs, WALL[name], 0.95)
    assert found is not None
    timed = program(arm(NATIVE, runs))
    for amount, verdict in ((found.high, WITHIN), (found.high - 1, BORDERLINE), (found.low, BORDERLINE), (found.low - 1, OVER)):
        assert judged(wall(name, amount / 1e9), timed).verdict == verdict


def test_too_few_runs_are_never_judged_and_say_how_many_are_needed() -> None:
    timed = program(arm(NATIVE, noise("a", 71, 10)), arm("hello", noise("b", 71, 1), REFERENCE))
    for budget, needed in ((wall("p95", 1e9), 72), (wall("p99", 1e9), 368), (wall("p95", 1e9, "hello"), 86), (wall("p99", 1e9, "hello"), 437)):
        result = judged(budget, timed)
        assert result.verdict == NOT_JUDGED and result.value is not None
        assert result.reason.endswith(f", {needed} are needed")
        assert needed_runs(budget, "native") == needed
        assert needed_runs(budget, "frozen") == 0
    assert needed_runs(wall("p50", 1, "hello"), "native") == needed_runs(wall("max", 1), "native") == 0
    assert needed_runs(Budget(growths=(Growth("wall.p95", 1.05),)), "native") == 86


def test_the_fastest_and_the_slowest_run_are_facts() -> None:
    timed = program(arm(NATIVE, [7 * MS, 5 * MS, 9 * MS]))
    for name, limit, verdict in (("min", 5, WITHIN), ("min", 4.999, OVER), ("max", 9, WITHIN), ("max", 8.999, OVER)):
        result = judged(wall(name, limit / 1e3), timed)
        assert (result.verdict, result.low, result.high) == (verdict, result.value, result.value)
        assert judged(wall(name, limit / 1e3), replace(timed, trusted=False)) == result


def test_a_multiple_is_taken_to_the_median_of_the_reference() -> None:
    timed = program(arm(NATIVE, noise("n", 100, 10)), arm("hello", noise("h", 100, 1), REFERENCE))
    (ratio,) = timed.ratios
    assert ratio.estimate is not None and ratio.estimate.at95 is not None
    middle = judged(wall("p50", 1e3, "hello"), timed)
    assert (middle.value, middle.low, middle.high, middle.unit) == (ratio.estimate.value, ratio.estimate.at95.low, ratio.estimate.at95.high, "x")
    upper = judged(wall("p95", 1e3, "hello"), timed)
    assert upper.value is not None and upper.low is not None and upper.high is not None
    assert upper.low < upper.value < upper.high and middle.value is not None and upper.value > middle.value
    slowest = judged(wall("max", 1e3, "hello"), timed)
    assert slowest.value is not None and slowest.low is not None and slowest.low < slowest.value
    assert judged(wall("p95", upper.high * 1.0001, "hello"), timed).verdict == WITHIN
    assert judged(wall("p95", upper.low * 0.9999, "hello"), timed).verdict == OVER
    assert judged(wall("p95", upper.value, "hello"), timed).verdict == BORDERLINE


def test_memory_is_the_most_of_any_run() -> None:
    def row(kib: tuple[int, ...], name: str = NATIVE) -> MemoryRow:
        return MemoryRow("s::a", name, name, ARTIFACT, emulated=False, verdict=MEASURED, reason="", level=level_of(kib), runs=kib)

    step = SESSION.memory.step_kib
    timed = program(arm(NATIVE, [MS] * 9))
    rows = (row((5000, 9000, 6000)),)
    for kib, verdict in ((9000 + step, WITHIN), (9000, BORDERLINE), (9000 - step - 1, OVER)):
        assert judged(Budget((Limit(PEAK, "native", kib * 1024),)), timed, memory=rows).verdict == verdict
    missing = judged(Budget((Limit(PEAK, "native", MIB),)), timed)
    assert (missing.verdict, missing.reason) == (NOT_JUDGED, f"the memory of {NATIVE} was not measured here")
    released = replace(SESSION, baseline=SESSION.artifacts)
    both = (*rows, row((8000, 8000, 8000), f"last-release-{NATIVE}"))
    grown = judged(Budget(growths=(Growth(PEAK, 1.2),)), timed, memory=both, record=released)
    assert grown.verdict == WITHIN and grown.value == 9000 / 8000
    assert judged(Budget(growths=(Growth(PEAK, 1.01),)), timed, memory=both, record=released).verdict == OVER


def test_growth_is_held_against_the_last_release_of_the_same_session() -> None:
    released = replace(SESSION, baseline=SESSION.artifacts)
    before = arm(f"last-release-{NATIVE}", noise("b", 100, 10), BASELINE)
    for name, factor, verdict in (("p50", 1.0, WITHIN), ("p50", 1.5, OVER), ("p95", 1.0, BORDERLINE), ("p95", 10.0, OVER)):
        now = arm(NATIVE, [round(sample.ns * factor) for sample in before.samples])
        result = judged(Budget(growths=(Growth(f"wall.{name}", 1.05),)), program(now, before), record=released)
        assert (result.verdict, result.title) == (verdict, f"s a: {name} of {NATIVE} / last release")
    budget = Budget(growths=(Growth("wall.p50", 1.05),))
    assert judged(budget, program(before)).reason == NO_BASELINE
    other = replace(SESSION, baseline=tuple(facts for facts in SESSION.artifacts if facts.id != NATIVE))
    assert judged(budget, program(before), record=other).reason == f"the last release has no {NATIVE} that runs here"
    failed = replace(before, verdict=INVALID, reason="other output", level=None, samples=())
    assert "other output" in judged(budget, program(arm(NATIVE, [MS] * 20), failed), record=released).reason


@pytest.mark.parametrize(
    ("timed", "reason"),
    [
        (None, "no server"),
        (program(arm("hello", [MS] * 20, REFERENCE)), f"{NATIVE} was not timed here"),
        (program(arm(NATIVE, [MS] * 20, verdict=INVALID, reason="other output")), "other output"),
        (program(arm(NATIVE, [MS] * 20, emulated=True), arm("hello", [MS] * 20, REFERENCE)), "ran emulated, which is never judged"),
        (program(arm(NATIVE, [MS] * 20), arm("hello", [MS] * 20, REFERENCE), trusted=False), UNTRUSTED),
        (program(arm(NATIVE, [MS] * 20)), "hello was not timed here"),
    ],
)
def test_what_cannot_be_judged_says_why(timed: TimedProgram | None, reason: str) -> None:
    result = judged(wall("p50", 1e9, "hello"), timed, reason="no server")
    assert result.verdict == NOT_JUDGED and reason in result.reason


def test_an_emulated_artifact_is_shown() -> None:
    result = judged(wall("p50", 1e9), program(arm(NATIVE, [3 * MS] * 20, emulated=True)))
    assert (result.verdict, result.value) == (NOT_JUDGED, 3)


def test_a_kind_that_was_not_there_is_a_row() -> None:
    result = judged(Budget((Limit("wall.p50", "jit", 1.0),)), program(arm(NATIVE, [MS] * 20)))
    assert (result.verdict, result.reason, result.title) == (NOT_JUDGED, "no jit artifact was timed", "s a: p50 of jit artifacts")


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=120), st.sampled_from(list(WALL)), st.floats(1e-6, 2))
@settings(max_examples=80, deadline=None)
def test_a_higher_limit_is_never_judged_worse(runs: list[int], name: str, amount: float) -> None:
    order = [OVER, BORDERLINE, WITHIN]
    timed = program(arm(NATIVE, runs))
    tight, loose = (judged(wall(name, limit), timed).verdict for limit in (amount, amount * 1.5))
    assert (tight == NOT_JUDGED) == (loose == NOT_JUDGED)
    assert tight == NOT_JUDGED or order.index(tight) <= order.index(loose)


LIMIT = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,8})?( x |ms|s|m|h|KiB|MiB|GiB|%)?(hello|curl)?", fullmatch=True),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.booleans(),
)


def toml(value: object) -> str:
    """A value as TOML has it; texts with everything escaped that could end them."""
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value if not 0xD800 <= ord(letter) < 0xE000) + '"'
    return str(value).lower() if isinstance(value, bool) else repr(value)


@given(st.sampled_from(["wall.min", "wall.p50", "wall.p95", "wall.p99", "wall.max", PEAK]), st.sampled_from(KINDS), LIMIT)
@settings(max_examples=300, deadline=None)
def test_any_limit_is_a_number_above_zero_or_a_diagnostic(quantity: str, kind: str, value: object) -> None:
    text = f'format = 1\ntitle = "t"\n[[step]]\nrun = []\nbudget.{quantity} = {{ {kind} = {toml(value)} }}\n'
    path = Path("/nowhere/unit/a.toml")
    try:
        scenario = bind_scenario(Document.parse(text.encode(), path, PurePath("a.toml")), path, Path("/nowhere"))
    except ScenarioError as error:
        assert {item.code for item in error.diagnostics} <= {"H1004", "H2102", "H2108", "H2332"}
        return
    budget = scenario.steps[0].budget
    assert budget is not None and budget.timed
    (limit,) = budget.limits
    assert (limit.quantity, limit.kind) == (quantity, kind)
    assert 0 < limit.amount < 1e13 and limit.reference in ("", "hello")


def test_a_record_with_steps_reads_back_equal(tmp_path: Path) -> None:
    assert SESSION.steps and any(step.program is None for step in SESSION.steps)
    codec.write(tmp_path / "perf.json", SESSION)
    assert codec.read(tmp_path / "perf.json") == SESSION
