"""The statistics equal their definitions, counted by brute force."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.perf import stats

WHOLE = st.integers(-10_000, 10_000)
DISTINCT = st.lists(WHOLE, min_size=1, max_size=9, unique_by=abs).filter(lambda values: 0 not in values)


def rank_sum(differences: list[Fraction]) -> Fraction:
    """The signed-rank statistic by its definition: the ranks of the absolute values that belong to positive differences."""
    ordered = sorted(differences, key=abs)
    return sum((Fraction(place) for place, value in enumerate(ordered, start=1) if value > 0), Fraction(0))


@pytest.mark.parametrize("pairs", range(1, 11))
def test_the_null_distribution_counts_every_sign_pattern(pairs: int) -> None:
    counted = [0] * (pairs * (pairs + 1) // 2 + 1)
    for signs in product((0, 1), repeat=pairs):
        counted[sum(rank * sign for rank, sign in enumerate(signs, start=1))] += 1
    assert stats.signed_rank_counts(pairs) == tuple(counted)


@given(DISTINCT, st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.98]))
@settings(max_examples=60, deadline=None)
def test_coverage_under_random_signs_is_exactly_what_the_position_promises(magnitudes: list[int], confidence: float) -> None:
    """If only the coin decides the sign of each difference, the interval holds zero at least as often as promised, and one step narrower would not."""
    pairs = len(magnitudes)
    position = stats.signed_rank_position(pairs, confidence)
    held = narrower = 0
    for signs in product((-1, 1), repeat=pairs):
        averages = stats.walsh_averages([sign * abs(value) for sign, value in zip(signs, magnitudes, strict=True)])
        below = sum(1 for value in averages if value < 0)
        above = len(averages) - below
        held += below >= position and above >= position if position else 1
        narrower += below >= position + 1 and above >= position + 1
    total = 2**pairs
    assert held / total >= confidence - 1e-12
    assert narrower / total < confidence


@given(st.lists(WHOLE, min_size=6, max_size=14, unique=True))
@settings(max_examples=100, deadline=None)
def test_the_interval_holds_what_the_signed_rank_test_does_not_reject(values: list[int]) -> None:
    interval = stats.signed_rank_interval(values, 0.95)
    assert interval is not None
    pairs = len(values)
    counts = stats.signed_rank_counts(pairs)
    for doubled in range(2 * min(values) - 3, 2 * max(values) + 4, max(1, (max(values) - min(values)) // 40)):
        shift = Fraction(doubled, 2) + Fraction(1, 7)  # never equal to a difference or a tie of two, so ranks are plain
        shifted = [Fraction(value) - shift for value in values]
        statistic = rank_sum(shifted)
        smaller = min(statistic, Fraction(pairs * (pairs + 1), 2) - statistic)
        p_value = Fraction(2 * sum(counts[: int(smaller) + 1]), 2**pairs)
        assert (interval.low <= shift <= interval.high) == (p_value > Fraction(5, 100))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=25))
@settings(deadline=None)
def test_hodges_lehmann_is_the_median_of_the_walsh_averages(values: list[float]) -> None:
    pairs = [(values[i] + values[j]) / 2 for i in range(len(values)) for j in range(i, len(values))]
    estimate = stats.hodges_lehmann(values)
    assert estimate.value == median(pairs)
    assert estimate.count == len(values)
    for interval in (estimate.at95, estimate.at98):
        assert interval is None or interval.low <= estimate.value <= interval.high


@given(st.lists(st.floats(1e-4, 1e3), min_size=8, max_size=20), st.floats(1e-3, 1e3))
@settings(deadline=None)
def test_a_constant_factor_is_found_exactly(values: list[float], factor: float) -> None:
    estimate = stats.paired_ratio([value * factor for value in values], values)
    assert estimate.at98 is not None
    assert estimate.value == pytest.approx(factor)
    assert (estimate.at98.low, estimate.at98.high) == pytest.approx((factor, factor))


@given(st.lists(st.floats(1e-4, 1e3), min_size=8, max_size=20), st.data())
@settings(deadline=None)
def test_swapping_the_arms_inverts_the_ratio(values: list[float], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.floats(1e-4, 1e3), min_size=len(values), max_size=len(values)))
    forward, backward = stats.paired_ratio(values, others), stats.paired_ratio(others, values)
    assert forward.value == pytest.approx(1 / backward.value)
    assert forward.at95 is not None and backward.at95 is not None
    assert forward.at95.low == pytest.approx(1 / backward.at95.high)


@pytest.mark.parametrize("confidence", [0.95, 0.98])
@pytest.mark.parametrize("pairs", [51, 80, 160])
def test_the_approximation_is_never_narrower_and_within_five_ranks_of_the_exact_position(pairs: int, confidence: float) -> None:
    allowed = Fraction(confidence).limit_denominator(100)
    tail = (1 - allowed) / 2 * 2**pairs
    below, exact = 0, 0
    for position, ways in enumerate(stats.signed_rank_counts(pairs)):
        below += ways
        if below > tail:
            exact = position
            break
    assert exact - 5 <= stats.signed_rank_position(pairs, confidence) <= exact


@pytest.mark.parametrize("count", range(1, 40))
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.98])
def test_the_median_position_is_the_narrowest_that_covers(count: int, confidence: float) -> None:
    def coverage(position: int) -> Fraction:
        outside = sum(math.comb(count, below) for below in range(position))
        return 1 - Fraction(2 * outside, 2**count)

    position = stats.median_position(count, confidence)
    wanted = Fraction(confidence).limit_denominator(100)
    assert position == 0 or coverage(position) >= wanted
    assert coverage(position + 1) < wanted


@pytest.mark.parametrize(("count", "known"), [(5, False), (6, True)])
def test_too_few_observations_give_no_interval(count: int, known: bool) -> None:
    values = [float(value) for value in range(1, count + 1)]
    assert (stats.signed_rank_interval(values, 0.95) is not None) is known
    assert (stats.median_interval(values, 0.95) is not None) is known


def test_published_table_values() -> None:
    """Critical values as any printed table of the signed-rank test has them (two-sided 5 %): reject at or below T."""
    table = {6: 0, 7: 2, 8: 3, 10: 8, 15: 25, 20: 52, 25: 89, 30: 137, 50: 434}
    assert {pairs: stats.signed_rank_position(pairs, 0.95) - 1 for pairs in table} == table


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_a_quantile_lies_within_the_observations(values: list[float], fraction: float) -> None:
    assert min(values) - 1e-6 <= stats.quantile(values, fraction) <= max(values) + 1e-6
    assert stats.quantile(values, 0.5) == pytest.approx(median(values))


@pytest.mark.parametrize("values", [[], [float("nan")], [1.0, float("inf")]])
def test_what_is_not_a_number_is_refused(values: list[float]) -> None:
    for function in (stats.walsh_averages, stats.hodges_lehmann):
        with pytest.raises(ValueError, match="observation"):
            function(values)
    with pytest.raises(ValueError, match="observation"):
        stats.median_interval(values, 0.95)


def test_a_ratio_needs_pairs_above_zero() -> None:
    with pytest.raises(ValueError, match="not pairs"):
        stats.paired_ratio([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="above zero"):
        stats.paired_ratio([1.0, 0.0], [1.0, 1.0])
