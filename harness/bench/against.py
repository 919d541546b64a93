"""Two sessions of the benchmark side by side: what takes another time now than it took then, and whether that can be told at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.bench.record import Record, Timed

_FACTS: Final = ("cpu", "usable_cores", "memory_mib", "system", "kernel", "python")
"""What two machines have in common when their times can be compared."""


@dataclass(frozen=True, slots=True)
class Change:
    """The time of a command now as a multiple of its time then. The bounds hold whatever the two medians are within their own intervals."""

    id: str
    then: float
    now: float
    low: float | None
    high: float | None

    @property
    def ratio(self) -> float:
        return self.now / self.then

    @property
    def verdict(self) -> str:
        if self.low is None or self.high is None:
            return "too few runs"
        return "slower" if self.low > 1 else "faster" if self.high < 1 else "no difference to be seen"


def changes(record: Record, earlier: Record) -> Iterator[Change]:
    """Every command that both sessions timed with as many cases."""
    then = {(item.id, item.cases): item for item in (*earlier.timed, *_named(earlier))}
    for item in (*record.timed, *_named(record)):
        if (before := then.get((item.id, item.cases))) is not None:
            yield _change(item, before)


def other_facts(record: Record, earlier: Record) -> tuple[str, ...]:
    """What is different about the machines; times of different machines say nothing about the engine."""
    found = ((name, getattr(earlier.host, name), getattr(record.host, name)) for name in _FACTS)
    return tuple(f"{name.replace('_', ' ')} {then} then, {now} now" for name, then, now in found if then != now)


def _named(record: Record) -> Iterator[Timed]:
    """A command of the contest may be called like one of the others."""
    return (Timed(f"{item.id}, contest", item.cases, item.seconds, item.level) for item in record.contest)


def _change(now: Timed, then: Timed) -> Change:
    after, before = now.level, then.level
    low = None if after.low is None or before.high is None else after.low / before.high
    high = None if after.high is None or before.low is None else after.high / before.low
    return Change(now.id, before.median, after.median, low, high)
