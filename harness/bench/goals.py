"""What the engine has to reach, judged on the median of a session; being ahead of another runner is judged on the whole interval."""

from __future__ import annotations

from harness.bench.record import AT_LEAST, AT_MOST, Ahead, Footprint, Goal, Record, Timed

COLLECT_SECONDS = 3.0
OVERHEAD_MS = 2.0
CELLS_PER_SECOND = 400.0
MEMORY_MIB = 400.0
TOO_SMALL = "only a part of the whole was run"


def goals(record: Record) -> tuple[Goal, ...]:
    """Every goal in the order of the page."""
    timed = {item.id: item for item in record.timed}
    found = [
        _collecting(record, timed["conformance --collect-only"]),
        _overhead(record),
        _rate(record, timed["conformance -n 2"]),
    ]
    found += [_ahead(record, item) for item in record.ahead if item.like]
    found += [Goal(f"ahead of {name}", AT_MOST, 1.0, "x", None, None, None, None, why) for name, why in record.missing]
    found += [_memory(record, item) for item in record.memory]
    return tuple(found)


def _collecting(record: Record, item: Timed) -> Goal:
    value = item.level.median
    title = f"{item.cases} cases collected, whole command"
    return _goal(record, title, AT_MOST, COLLECT_SECONDS, "s", value, item.level.low, item.level.high, met=value <= COLLECT_SECONDS)


def _overhead(record: Record) -> Goal:
    found = record.overhead.difference_ms
    low, high = (None, None) if found.at95 is None else (found.at95.low, found.at95.high)
    return _goal(
        record, "overhead per cell over the bare start, one process", AT_MOST, OVERHEAD_MS, "ms", found.value, low, high, met=found.value <= OVERHEAD_MS
    )


def _rate(record: Record, item: Timed) -> Goal:
    low = None if item.level.high is None else item.cases / item.level.high
    high = None if item.level.low is None else item.cases / item.level.low
    title = f"{item.cases} trivial cells with -n 2, whole command"
    return _goal(record, title, AT_LEAST, CELLS_PER_SECOND, "cells/s", item.rate, low, high, met=item.rate >= CELLS_PER_SECOND)


def _ahead(record: Record, item: Ahead) -> Goal:
    bounds = item.ratio.at95
    low, high = (None, None) if bounds is None else (bounds.low, bounds.high)
    met = (item.ratio.value if high is None else high) < 1
    return _goal(record, f"time of {item.ours} / {item.theirs}, same cases", AT_MOST, 1.0, "x", item.ratio.value, low, high, met=met)


def _memory(record: Record, item: Footprint) -> Goal:
    largest = max(item.peaks.largest, *item.peaks.processes, 0) / 1024
    title = f"memory of {item.cells} cells, largest process of {item.id}"
    return _goal(record, title, AT_MOST, MEMORY_MIB, "MiB", largest, None, None, met=largest <= MEMORY_MIB)


def _goal(record: Record, title: str, direction: str, limit: float, unit: str, value: float, low: float | None, high: float | None, *, met: bool) -> Goal:
    if not record.whole:
        return Goal(title, direction, limit, unit, value, low, high, None, TOO_SMALL)
    return Goal(title, direction, limit, unit, value, low, high, met)
