"""The last lines of a run: one per artifact, then what artifacts and cases have in common, goldens, and what was not run."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from harness.compare.divergence import Group, group
from harness.model.verdict import Verdict
from harness.plugin.failure import LAST, tool_command
from harness.plugin.outcome import result_of
from harness.plugin.settings import Settings, relative_to_root
from harness.report.events import CellEvent, NotRunEvent
from harness.report.run import NOTHING_RAN, TOLERATED
from harness.review.agreement import Refusal

HOME: Final = Path(__file__).resolve().parents[2]
"""The checkout of this suite."""
MAX_ROWS = 20
WORDS = {
    Verdict.PASSED.value: "passed",
    Verdict.FAILED.value: "failed",
    TOLERATED: "tolerated",
    Verdict.EXPECTED_FAILURE.value: "expected to fail",
    Verdict.UNSUPPORTED.value: "unsupported",
    Verdict.HARNESS_ERROR.value: "harness errors",
}
"""How the cells of an artifact are counted, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the end of a run has to say."""

    artifacts: tuple[str, ...]
    cells: tuple[CellEvent, ...]
    not_run: tuple[NotRunEvent, ...]
    stopped: tuple[NotRunEvent, ...]
    """Files that cannot be loaded, and cells that the run did not come to."""
    written: tuple[str, ...]
    refused: tuple[Refusal, ...]
    removed: tuple[str, ...]
    unused: tuple[str, ...]
    unused_entries: tuple[str, ...]
    expired_entries: tuple[str, ...]
    """Entries of the ledger whose last day is over, in a run of the whole tree."""
    pending: bool
    """The run has left differences for review."""
    nothing_ran: bool
    """Every cell is unsupported."""
    empty: bool
    """There was no cell at all, and nobody asked for that."""
    empty_shard: bool = False
    """There were cells, and other shards run all of them."""
    unwritten: tuple[str, ...] = ()
    """Result files that were asked for and could not be written."""

    def problems(self, settings: Settings) -> tuple[NotRunEvent, ...]:
        """Why the run is red whatever the single cells came to, a row for each reason."""
        rows = list(self.stopped)
        rows += [NotRunEvent(f"golden {refusal.key}", f"not written: {refusal.reason}") for refusal in self.refused]
        rows += [NotRunEvent(f"ledger {entry}", "has expired") for entry in self.expired_entries]
        if settings.unused == "error" and not settings.update:
            rows += [NotRunEvent(f"golden {key}", "nobody uses it") for key in self.unused]
        if self.nothing_ran:
            rows.append(NOTHING_RAN)
        if self.empty:
            rows.append(NotRunEvent("the whole run", "no cell was found, which is no pass"))
        return tuple(rows)

    def is_red(self, settings: Settings) -> bool:
        """Whether the run must not end with exit code 0, whatever the single cells came to."""
        return bool(self.problems(settings)) or bool(self.unwritten)


def print_summary(terminal: pytest.TerminalReporter, summary: Summary, settings: Settings) -> None:
    terminal.write_sep("-", "conformance")
    for line, markup in _lines(summary, settings):
        terminal.write_line(line, **dict.fromkeys(markup.split(), True))


def _lines(summary: Summary, settings: Settings) -> Iterator[tuple[str, str]]:
    yield from _artifacts(summary)
    if summary.nothing_ran:
        yield "no cell ran: every one of them is unsupported, which is no pass", "red"
    if summary.empty:
        yield f"no cell was found in {settings.scenarios}, which is no pass", "red"
    yield from ((f"finding  {line}", "red") for line in _limited(_findings(summary)))
    yield from _goldens(summary, settings)
    yield from ((f"ledger   has expired: {line}; mend what it excuses, or say until when it holds", "red") for line in _limited(list(summary.expired_entries)))
    yield from ((f"ledger   no case matches {line}; remove the entry", "yellow") for line in _limited(list(summary.unused_entries)))
    yield from ((f"not run  {line}", "yellow") for line in _limited([f"{row.what}: {row.why}" for row in (*summary.not_run, *summary.stopped)]))
    if summary.empty_shard:
        yield f"no cell is in shard {settings.shard}: there are more shards than cases; divide by less", "red"
    yield from ((f"results  not written: {line}; make it of {LAST}/events.jsonl with conformance convert", "red") for line in summary.unwritten)
    if summary.pending:
        yield f"pending  to see these differences, and to accept those from goldens once all artifacts agree: {_review(settings)}", "yellow"
    yield f"results  {LAST}/events.jsonl", ""


def _review(settings: Settings) -> str:
    """The command can be pasted at the root; it takes the folders of its own checkout for granted and has to be told others."""
    command = [tool_command("conformance", settings.root), "review"]
    if settings.root != HOME:
        command.append(f"--from {LAST}")
    if settings.snapshots != HOME / "snapshots":
        command.append(f"--snapshots {shlex.quote(relative_to_root(settings.snapshots, settings.root))}")
    return " ".join(command)


def _artifacts(summary: Summary) -> Iterator[tuple[str, str]]:
    width = max(len(name) for name in summary.artifacts)
    for name in summary.artifacts:
        counts = Counter(cell.shown for cell in summary.cells if cell.artifact == name)
        words = ", ".join(f"{counts[shown]} {word if counts[shown] > 1 else word.removesuffix('s')}" for shown, word in WORDS.items() if counts[shown])
        bad = counts[Verdict.FAILED.value] or counts[Verdict.HARNESS_ERROR.value]
        yield f"{name:<{width}}  {words or 'nothing ran'}", "red" if bad else "green" if counts[Verdict.PASSED.value] else "yellow"


def _findings(summary: Summary) -> list[str]:
    """What several cells have in common; findings of one step that lie in the same cells share a line."""
    together: dict[tuple[object, ...], list[Group]] = {}
    for item in group(result_of(cell) for cell in summary.cells if not cell.tolerated):
        if item.reach:
            together.setdefault((item.scenario, item.finding.step, item.cells), []).append(item)
    return [_finding(items[0], len(items) - 1) for items in together.values()]


def _finding(item: Group, more: int) -> str:
    where = f" ({', '.join(item.clean)} without it)" if item.diverges else ""
    message = item.finding.message.splitlines()[0] + (f" (and {more} more)" if more else "")
    return f"{item.place}: {message}; {item.reach}: {', '.join(item.artifacts)}{where}"


def _goldens(summary: Summary, settings: Settings) -> Iterator[tuple[str, str]]:
    yield from ((f"golden   written: {key}", "green") for key in _limited(list(summary.written)))
    yield from ((f"golden   removed, nobody uses it: {key}", "yellow") for key in _limited(list(summary.removed)))
    for refusal in summary.refused[:MAX_ROWS]:
        yield f"golden   not written: {refusal.key}: {refusal.reason}", "red"
        yield from ((f"           {line}", "red") for line in refusal.diff)
    if len(summary.refused) > MAX_ROWS:
        yield f"golden   … and {len(summary.refused) - MAX_ROWS} more not written", "red"
    colour = "red" if settings.unused == "error" else "yellow"
    yield from ((f"golden   nobody uses it (--snapshot-update removes it): {key}", colour) for key in _limited(list(summary.unused)))


def _limited(rows: list[str]) -> Iterator[str]:
    yield from rows[:MAX_ROWS]
    if len(rows) > MAX_ROWS:
        yield f"… and {len(rows) - MAX_ROWS} more"
