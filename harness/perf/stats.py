"""Estimates with intervals that hold for any shape of noise: Hodges-Lehmann, signed rank, order statistics.

Standard library only and deterministic. An interval that the number of observations cannot support is ``None``, never a guess: with five
pairs there is no 95 % interval, however tight the five look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, median

EXACT_LIMIT = 50
"""Up to this many pairs the null distribution is counted exactly; above, the normal approximation is wider by a few ranks of more than a thousand."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval, both ends included."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval (published) and its 98 % interval (decided on)."""

    value: float
    at95: Interval | None
    at98: Interval | None
    count: int


def checked(values: Sequence[float]) -> tuple[float, ...]:
    """The values as a tuple, refused when there are none or one is not a finite number."""
    if not values:
        raise ValueError("no observations")
    if not all(math.isfinite(value) for value in values):
        raise ValueError("an observation is not a finite number")
    return tuple(values)


def walsh_averages(differences: Sequence[float]) -> list[float]:
    """All ``(d_i + d_j) / 2`` with ``i <= j``, in order."""
    known = checked(differences)
    return sorted((known[i] + known[j]) / 2 for i in range(len(known)) for j in range(i, len(known)))


@lru_cache(maxsize=64)
def signed_rank_counts(pairs: int) -> tuple[int, ...]:
    """How many of the ``2**pairs`` sign patterns give each rank sum 0, 1, 2, …"""
    counts = [1]
    for rank in range(1, pairs + 1):
        longer = counts + [0] * rank
        for total, ways in enumerate(counts):
            longer[total + rank] += ways
        counts = longer
    return tuple(counts)


def signed_rank_position(pairs: int, confidence: float) -> int:
    """The ``k`` for which the k-th Walsh average from each end bounds the interval; 0 when there are too few pairs."""
    _check_confidence(confidence)
    tail = (1 - confidence) / 2
    if pairs > EXACT_LIMIT:
        mean = pairs * (pairs + 1) / 4
        deviation = math.sqrt(pairs * (pairs + 1) * (2 * pairs + 1) / 24)
        return math.floor(mean + NormalDist().inv_cdf(tail) * deviation + 0.5)
    allowed = tail * 2**pairs
    below = 0
    for position, ways in enumerate(signed_rank_counts(pairs)):
        below += ways
        if below > allowed:
            return position
    return 0


def signed_rank_interval(differences: Sequence[float], confidence: float) -> Interval | None:
    """The interval that inverts the Wilcoxon signed-rank test, or None when the pairs are too few for this confidence."""
    return _interval_at(walsh_averages(differences), signed_rank_position(len(differences), confidence))


def hodges_lehmann(differences: Sequence[float]) -> Estimate:
    """The median of the Walsh averages, with its signed-rank intervals."""
    averages = walsh_averages(differences)
    pairs = len(differences)
    return Estimate(
        value=median(averages),
        at95=_interval_at(averages, signed_rank_position(pairs, 0.95)),
        at98=_interval_at(averages, signed_rank_position(pairs, 0.98)),
        count=pairs,
    )


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate:
    """How many times the denominator the numerator is, from pairs: Hodges-Lehmann on the logarithms of the ratios."""
    if len(numerators) != len(denominators):
        raise ValueError("numerators and denominators are not pairs")
    if any(value <= 0 for value in (*checked(numerators), *checked(denominators))):
        raise ValueError("a ratio needs observations above zero")
    logs = hodges_lehmann([math.log(top / bottom) for top, bottom in zip(numerators, denominators, strict=True)])
    return Estimate(math.exp(logs.value), _exponential(logs.at95), _exponential(logs.at98), logs.count)


def median_position(count: int, confidence: float) -> int:
    """The ``k`` for which the k-th smallest and k-th largest observation bound the median; 0 when there are too few."""
    _check_confidence(confidence)
    allowed = (1 - confidence) / 2 * 2**count
    below = 0
    for position in range(count + 1):
        below += math.comb(count, position)
        if below > allowed:
            return position
    return 0


def median_interval(values: Sequence[float], confidence: float) -> Interval | None:
    """The order-statistic interval of the median, or None when the observations are too few for this confidence."""
    ordered = sorted(checked(values))
    return _interval_at(ordered, median_position(len(ordered), confidence))


def quantile_positions(count: int, fraction: float, confidence: float) -> tuple[int, int]:
    """The ``k`` of the k-th smallest observation that bounds a quantile from below, and of the one that bounds it from above; 0 for a bound that there is not.

    How many of ``count`` observations lie below the quantile is a binomial variable, whatever the distribution; each bound is wrong at most half as often as
    the confidence allows.
    """
    _check_confidence(confidence)
    if not 0 < fraction < 1:
        raise ValueError("the quantile of an interval lies between 0 and 1")
    tail = (1 - confidence) / 2
    chances = [_binomial(count, below, fraction) for below in range(count + 1)]
    low, total = 0, chances[0]
    while low < count and total <= tail:
        low += 1
        total += chances[low]
    high, total = count + 1, 0.0
    while high > 1 and total + chances[high - 1] <= tail:
        high -= 1
        total += chances[high]
    return low, high if high <= count else 0


def quantile_interval(values: Sequence[float], fraction: float, confidence: float) -> Interval | None:
    """The order-statistic interval of a quantile, or None when the observations are too few for both of its ends."""
    ordered = sorted(checked(values))
    low, high = quantile_positions(len(ordered), fraction, confidence)
    return None if low == 0 or high == 0 else Interval(ordered[low - 1], ordered[high - 1])


def runs_needed(fraction: float, confidence: float) -> int:
    """The fewest observations with which there is an interval of a quantile."""
    _check_confidence(confidence)
    tail = (1 - confidence) / 2
    count = 1
    while max(fraction, 1 - fraction) ** count > tail:
        count += 1
    return count


def _binomial(count: int, below: int, fraction: float) -> float:
    ways = math.lgamma(count + 1) - math.lgamma(below + 1) - math.lgamma(count - below + 1)
    return math.exp(ways + below * math.log(fraction) + (count - below) * math.log1p(-fraction))


def quantile(values: Sequence[float], fraction: float) -> float:
    """The value below which ``fraction`` of the observations lie, linear between neighbours."""
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction lies between 0 and 1")
    ordered = sorted(checked(values))
    place = fraction * (len(ordered) - 1)
    lower = math.floor(place)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (place - lower)


def _interval_at(ordered: Sequence[float], position: int) -> Interval | None:
    if position < 1:
        return None
    return Interval(ordered[position - 1], ordered[len(ordered) - position])


def _exponential(interval: Interval | None) -> Interval | None:
    return None if interval is None else Interval(math.exp(interval.low), math.exp(interval.high))


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
