"""A cell in words, the same in every format that shows text."""

from __future__ import annotations

from collections.abc import Iterator

from harness.model.verdict import Verdict
from harness.report.run import TOLERATED, CellEvent, Run

TITLES = {
    Verdict.PASSED.value: "passed",
    Verdict.FAILED.value: "failed",
    Verdict.EXPECTED_FAILURE.value: "expected failure",
    Verdict.UNSUPPORTED.value: "unsupported",
    Verdict.HARNESS_ERROR.value: "harness error",
    TOLERATED: "tolerated failure",
}
"""What a cell is called in tables."""


def headline(cell: CellEvent) -> str:
    """One line: what it is, and the first reason."""
    said = cell.reason or next((f"step {finding.step}: {finding.message}" for finding in cell.findings), "")
    first = next(iter(said.splitlines()), "")
    if cell.tolerated:
        first = f"level is {cell.level}: {first}"
    return f"{TITLES[cell.shown]}: {first}" if first else TITLES[cell.shown]


def explanation(run: Run, cell: CellEvent) -> Iterator[str]:
    """Everything that is known of a cell that did not simply pass, line by line."""
    if cell.verdict is Verdict.HARNESS_ERROR:
        yield f"this is no verdict about {cell.artifact}"
    if cell.reason:
        yield from cell.reason.splitlines()
    for finding in cell.findings:
        yield ""
        yield f"step {finding.step}      {finding.at}"
        yield from finding.message.splitlines() or [finding.aspect]
        yield from (f"  {line}" for line in finding.diff)
    yield ""
    yield from (f"kept       {path}" for path in cell.kept)
    yield f"reproduce  {run.reproduce(cell)}"
