"""The run as Markdown for the summary page of a CI step: counts first, then what is wrong, folded, and how to run it again.

Forges cut a summary at 1 MiB, so the number of cells that are shown in full is limited and the text says how many are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.model.verdict import Verdict
from harness.report.figures import count
from harness.report.marking import escaped
from harness.report.run import COUNTED, CellEvent, NotRunEvent, Run
from harness.report.visible import visible
from harness.report.wording import TITLES, explanation, headline

LIMIT = 900_000
"""Bytes of the whole text, under what forges accept."""
FULL = 20
"""Cells that are shown in full, of each kind."""
LONGEST = 200
"""Lines of one cell."""
ROWS = 50
PARTS = (
    (Verdict.FAILED.value, "Failed"),
    (Verdict.HARNESS_ERROR.value, "Harness errors (no verdict about the artifact)"),
    ("tolerated", "Tolerated failures (level may)"),
    (Verdict.EXPECTED_FAILURE.value, "Expected failures"),
    (Verdict.UNSUPPORTED.value, "Unsupported"),
)


def step_summary(run: Run) -> Iterator[str]:
    """The text in pieces, complete or cut where it says so."""
    size = 0
    for piece in _pieces(run):
        piece = visible(piece)
        size += len(piece.encode("utf-8"))
        if size > LIMIT:
            yield "\nThe rest is left out: this summary would be too long. The results file holds everything.\n"
            return
        yield piece


def _pieces(run: Run) -> Iterator[str]:
    bad = sum(cell.red for cell in run.cells)
    part = f", shard {run.shard}" if run.shard else ""
    cells = count(len(run.cells), "cell")
    yield f"## {escaped(run.program)}: {f'{bad} of {cells} did not pass' if bad else cells}{part}\n\n"
    yield from _counts(run)
    yield from _rows("Problems", run.problems)
    for shown, title in PARTS:
        yield from _cells(run, title, [cell for cell in run.cells if cell.shown == shown], full=shown not in (Verdict.UNSUPPORTED.value,))
    yield from _rows("Not run", run.gaps)
    yield f"### Reproduce\n\n{_fence(run.reproduce_all(), 'sh')}\n"


def _counts(run: Run) -> Iterator[str]:
    counted = Counter((cell.artifact, cell.shown) for cell in run.cells)
    yield f"| artifact | version | {' | '.join(TITLES[word] for word in COUNTED)} |\n| --- | --- |{' ---: |' * len(COUNTED)}\n"
    for artifact in run.artifacts:
        figures = " | ".join(str(counted[artifact.id, word]) for word in COUNTED)
        yield f"| {escaped(artifact.id)} | {escaped(artifact.version)} | {figures} |\n"
    yield "\n"


def _rows(title: str, rows: tuple[NotRunEvent, ...]) -> Iterator[str]:
    if rows:
        yield f"### {title}\n\n"
        yield from (f"- {escaped(row.what)}: {escaped(row.why)}\n" for row in rows[:ROWS])
        yield f"- … and {len(rows) - ROWS} more\n\n" if len(rows) > ROWS else "\n"


def _cells(run: Run, title: str, cells: list[CellEvent], *, full: bool) -> Iterator[str]:
    if not cells:
        return
    yield f"### {title}: {len(cells)}\n\n"
    if not full:
        reasons = Counter((cell.artifact, cell.reason) for cell in cells)
        yield from (f"- {escaped(artifact)}, {count(number, 'cell')}: {escaped(reason)}\n" for (artifact, reason), number in sorted(reasons.items())[:ROWS])
        yield f"- … and {len(reasons) - ROWS} more reasons\n\n" if len(reasons) > ROWS else "\n"
        return
    for cell in cells[:FULL]:
        lines = list(explanation(run, cell))
        if len(lines) > LONGEST:
            lines = [*lines[:LONGEST], f"… and {len(lines) - LONGEST} more lines", f"reproduce  {run.reproduce(cell)}"]
        summary = escaped(f"{cell.scenario} :: {cell.case or cell.scenario.rpartition('/')[2]} on {cell.artifact}: {headline(cell)}")
        block = _fence("\n".join(lines).strip(), "diff")
        yield f"<details><summary>{summary}</summary>\n\n{block}\n</details>\n\n"
    if len(cells) > FULL:
        yield f"… and {len(cells) - FULL} more\n\n"


def _fence(text: str, language: str) -> str:
    """A code block that its content cannot close."""
    longest = max((len(part) for part in _ticks(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def _ticks(text: str) -> Iterator[str]:
    run = ""
    for character in f"{text} ":
        if character == "`":
            run += character
        elif run:
            yield run
            run = ""
