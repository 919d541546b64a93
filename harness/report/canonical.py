"""The results without their times: byte-identical for two runs over the same files, however many processes or shards they had."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report import events
from harness.report.run import Run, timeless


def canonical(run: Run) -> Iterator[str]:
    """JSON lines as any results file has them, with every time at its zero."""
    return events.lines(timeless(run))
