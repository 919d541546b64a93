"""Coverage as a part of the release report."""

from __future__ import annotations

from typing import Final

from harness.coverage.errors import CoverageError
from harness.coverage.exercise import Exercised
from harness.coverage.measure import Count, Coverage, Sources, measure
from harness.coverage.render import headline
from harness.report.view import BAD, MUTED, WARN, Cell, Section, Table

_MOST_GAPS: Final = 40


def section(sources: Sources, done: Exercised) -> Section:
    """What scenarios exercise of the surface, and what they do not."""
    try:
        coverage = measure(sources, done)
    except CoverageError as error:
        return Section("coverage", "Coverage of the surface", (), (Table(("problem",), ((Cell(str(error), WARN),),)),))
    figures = tuple(_figures(kind, count, coverage.floor.least[kind]) for kind, count in coverage.kinds.items())
    table = Table(("rows", "exercised", "share", "floor"), figures)
    return Section("coverage", "Coverage of the surface", (f"{headline(coverage)}.",), (table, *_gaps(coverage)))


def _figures(kind: str, count: Count, least: float) -> tuple[Cell, ...]:
    share = Cell(f"{count.share:.1f} %", BAD if count.share < least else "")
    return (Cell(kind), Cell(f"{count.covered}/{count.total}"), share, Cell(f"{least:.1f} %", MUTED))


def _gaps(coverage: Coverage) -> tuple[Table, ...]:
    if not coverage.gaps:
        return ()
    rows = tuple((Cell(row.kind), Cell(row.place), Cell(row.what)) for row in coverage.gaps[:_MOST_GAPS])
    caption = f"The first {_MOST_GAPS} of {len(coverage.gaps)} rows that no scenario exercises; conformance coverage shows all of them and what to write."
    whole = "What no scenario exercises; conformance coverage says what to write."
    return (Table(("rows", "place", "what"), rows, numeric_from=3, caption=caption if len(coverage.gaps) > _MOST_GAPS else whole, folded=True),)
