"""The committed start-up ledger as a part of the release report: instructions by run and artifact, and how much each run loads and asks."""

from __future__ import annotations

from pathlib import Path

from harness.report.view import WARN, Cell, Section, Table
from harness.startup import record
from harness.startup.errors import StartupError

_TEXT = (
    "What one run costs from its start to its end, counted and not timed: instructions in millions (and, in brackets, system calls, files opened and "
    "modules loaded). conformance startup compares with these figures and fails when one grows by more than two per cent."
)


def section(ledger: Path) -> Section:
    """One row per run, one column per artifact."""
    try:
        found = record.read(ledger)
    except StartupError as error:
        return Section("start-up-ledger", "Start-up ledger", (), (Table(("problem",), ((Cell(str(error), WARN),),)),))
    artifacts = tuple(dict.fromkeys(row.artifact for row in found.rows))
    runs = tuple(dict.fromkeys(row.run for row in found.rows))
    rows = tuple((Cell(run), *(_cell(found.row(run, artifact)) for artifact in artifacts)) for run in runs)
    return Section("start-up-ledger", "Start-up ledger", (_TEXT, f"Counted with {', '.join(found.tools)}."), (Table(("run", *artifacts), rows),))


def _cell(row: record.Row | None) -> Cell:
    if row is None:
        return Cell("n/a")
    calls = sum(count.count for count in row.calls)
    return Cell(f"{row.instructions / 1e6:.3f} ({calls}, {len(row.files)}, {len(row.modules)})")
