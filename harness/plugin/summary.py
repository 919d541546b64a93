"""The last lines of a run: one per artifact, then what artifacts and cases have in common, goldens, and what was not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from harness.compare.divergence import Group, group
from harness.model.verdict import Verdict
from harness.plugin.agreement import Refusal
from harness.plugin.failure import LAST
from harness.plugin.outcome import result_of
from harness.plugin.settings import Settings
from harness.report.events import CellEvent, NotRunEvent

MAX_ROWS = 20
WORDS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.EXPECTED_FAILURE: "expected to fail",
    Verdict.UNSUPPORTED: "unsupported",
    Verdict.HARNESS_ERROR: "harness errors",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the end of a run has to say."""

    artifacts: tuple[str, ...]
    cells: tuple[CellEvent, ...]
    not_run: tuple[NotRunEvent, ...]
    written: tuple[str, ...]
    refused: tuple[Refusal, ...]
    removed: tuple[str, ...]
    unused: tuple[str, ...]
    unused_entries: tuple[str, ...]
    nothing_ran: bool
    """Every cell is unsupported."""
    empty: bool
    """There was no cell at all, and nobody asked for that."""

    def is_red(self, settings: Settings) -> bool:
        """Whether the run must not end with exit code 0, whatever the single cells came to."""
        unused = bool(self.unused) and settings.unused == "error" and not settings.update
        return bool(self.refused) or unused or self.nothing_ran or self.empty


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
    yield from ((f"ledger   no case matches {line}; remove the entry", "yellow") for line in _limited(list(summary.unused_entries)))
    yield from ((f"not run  {line}", "yellow") for line in _limited([f"{row.what}: {row.why}" for row in summary.not_run]))
    yield f"results  {LAST}/events.jsonl", ""


def _artifacts(summary: Summary) -> Iterator[tuple[str, str]]:
    width = max(len(name) for name in summary.artifacts)
    for name in summary.artifacts:
        counts = Counter(cell.verdict for cell in summary.cells if cell.artifact == name)
        words = ", ".join(f"{counts[verdict]} {word}" for verdict, word in WORDS.items() if counts[verdict]) or "nothing ran"
        bad = counts[Verdict.FAILED] or counts[Verdict.HARNESS_ERROR]
        yield f"{name:<{width}}  {words}", "red" if bad else "green" if counts[Verdict.PASSED] else "yellow"


def _findings(summary: Summary) -> list[str]:
    """What several cells have in common; findings of one step that lie in the same cells share a line."""
    together: dict[tuple[object, ...], list[Group]] = {}
    for item in group(result_of(cell) for cell in summary.cells):
        if item.sentence:
            together.setdefault((item.scenario, item.finding.step, item.cells), []).append(item)
    return [_finding(items[0], len(items) - 1) for items in together.values()]


def _finding(item: Group, more: int) -> str:
    where = f" ({', '.join(item.clean)} without it)" if item.diverges else ""
    message = item.finding.message.splitlines()[0] + (f" (and {more} more)" if more else "")
    return f"{item.scenario}, step {item.finding.step}: {message}; {item.sentence}: {', '.join(item.artifacts)}{where}"


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
