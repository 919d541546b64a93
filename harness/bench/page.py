"""The page and the JSON file of a session; the page can be made again from the file, also beside an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.bench.against import Change, changes, other_facts
from harness.bench.file import dumps
from harness.bench.record import Footprint, Goal, Record, Timed
from harness.report.figures import number, ratio
from harness.report.files import write_text

NAME = "bench-engine"


def write(record: Record, out: Path, earlier: Record | None = None) -> Path:
    """``bench-engine.md`` and ``bench-engine.json`` in the folder; the path of the page."""
    write_text(out / f"{NAME}.json", (dumps(record),))
    return write_page(record, out, earlier)


def write_page(record: Record, out: Path, earlier: Record | None = None) -> Path:
    """Only the page, of a session that is in a file already."""
    page = out / f"{NAME}.md"
    write_text(page, (f"{line}\n" for line in (*lines(record), *(against(record, earlier) if earlier else ()))))
    return page


def against(record: Record, earlier: Record) -> Iterator[str]:
    """The part of the page that compares with an earlier session."""
    yield ""
    yield "## Against an earlier session"
    yield ""
    if others := other_facts(record, earlier):
        yield f"Measured on another machine, so a difference says nothing about the engine: {'; '.join(others)}."
        yield ""
    found = list(changes(record, earlier))
    if not found:
        yield "No command was timed in both with as many cases."
        return
    yield from _table(("Command", "Seconds then", "Seconds now", "Ratio [bounds]", ""), [_changed(item) for item in found])
    yield "The bounds put the end of one interval over the other end of the other one: what lies outside of them on one side of 1 is a difference."


def lines(record: Record) -> Iterator[str]:
    """The page in Markdown."""
    yield "# Speed and memory of the scenario engine"
    yield ""
    if not record.whole:
        yield "Only a part of the benchmark was run, to try the benchmark itself; nothing is judged."
        yield ""
    yield from _table(("Goal", "Limit", "Median [95 %]", "Reached"), [_goal(goal) for goal in record.goals])
    yield "Times are the wall time of whole commands, from the start of the interpreter to its end, with this checkout's settings of pytest:"
    yield "`conformance` stands for `pytest -q --scenarios=DIR/scenarios --artifacts=DIR/artifacts.json DIR/scenarios`, with the settings of this checkout."
    yield ""
    yield "## Commands"
    yield ""
    yield from _table(("Command", "Cases", "Runs", "Seconds [95 %]", "Cases/s"), [_timed(item) for item in record.timed])
    found = record.overhead
    yield f"Per cell: {number(found.engine_ms)} ms in the engine, {number(found.bare_ms)} ms for the bare start of the same program, in one process;"
    yield f"{ratio(found.difference_ms)} ms more, from {found.blocks} pairs of runs of {found.cells_per_block} cells."
    yield ""
    yield f"## The same {record.sizes.contest} cases in other runners"
    yield ""
    yield from _table(("Command", "Cases", "Runs", "Seconds [95 %]", "Cases/s"), [_timed(item) for item in record.contest])
    ratios = [(item.ours, item.theirs, ratio(item.ratio), "" if item.like else "not judged") for item in record.ahead]
    yield from _table(("Time of", "over time of", "Ratio [95 %]", ""), ratios)
    yield "Each case starts the same static program and compares exit code and output. The engine gives it a directory, a home and an environment of its own,"
    yield "bats a process of bash, prysk a shell and a directory per file; so a case is a file for prysk. With many commands in one file prysk starts one shell"
    yield "for all of them, and one can disturb the next: shown, not judged. Two at a time: `-n 2` and `bats --jobs 2` (through GNU parallel); prysk runs one"
    yield "after the other."
    yield ""
    for name, why in record.missing:
        yield f"Not run: {name}: {why}."
        yield ""
    yield "## Memory"
    yield ""
    yield from _table(("Command", "Cells", "Largest process", "Every process", "Together at one moment"), [_footprint(item) for item in record.memory])
    yield "MiB resident, the kernel's own high-water marks. Pages that processes share count for each of them."
    yield ""
    yield "## Machine"
    yield ""
    host = record.host
    yield f"{host.cpu}, {host.usable_cores} of {host.cores} cores, {host.memory_mib} MiB, {host.system}, Linux {host.kernel}, load {host.load_before} before."
    yield f"{', '.join(text if name in text.lower() else f'{name} {text}' for name, text in record.versions)}."
    yield ""
    yield f"Again: `{record.command}`"


def summary(record: Record, earlier: Record | None = None) -> Iterator[str]:
    """One line for each goal, then one for each command that takes another time than it did."""
    for goal in record.goals:
        _, limit, value, reached = _goal(goal)
        yield f"{reached:<12} {goal.title}: {value} ({limit})"
    if earlier is not None:
        yield from (f"elsewhere    {fact}" for fact in other_facts(record, earlier))
        yield from (
            f"{item.verdict:<12} {item.id}: {' '.join(_changed(item)[1:4])}" for item in changes(record, earlier) if item.verdict in ("slower", "faster")
        )


def _goal(goal: Goal) -> tuple[str, str, str, str]:
    value = "n/a" if goal.value is None else f"{number(goal.value)} {_bounds(goal.low, goal.high)}".rstrip()
    unit = "" if goal.unit == "x" else f" {goal.unit}"
    limit = "under 1" if goal.unit == "x" else f"{goal.direction} {goal.limit:g}{unit}"
    reached = "yes" if goal.met else "not judged" if goal.met is None else "NO"
    return goal.title, limit, f"{value}{unit}" + (f" ({goal.note})" if goal.note else ""), reached


def _timed(item: Timed) -> tuple[str, str, str, str, str]:
    bounds = _bounds(item.level.low, item.level.high)
    return item.id, str(item.cases), str(len(item.seconds)), f"{number(item.level.median)} {bounds}".rstrip(), number(item.rate)


def _changed(item: Change) -> tuple[str, str, str, str, str]:
    return item.id, number(item.then), number(item.now), f"{number(item.ratio)} {_bounds(item.low, item.high)}".rstrip(), item.verdict


def _footprint(item: Footprint) -> tuple[str, str, str, str, str]:
    each = ", ".join(number(kib / 1024) for kib in item.peaks.processes)
    return item.id, str(item.cells), number(item.peaks.largest / 1024), each, number(item.peaks.together / 1024)


def _bounds(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
