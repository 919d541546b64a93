"""The registry of result formats: each is one file of this folder and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from harness.report import canonical, ctrf, durations, events, junit, matrix, step_summary
from harness.report.format import Format

FORMATS: Mapping[str, Format] = {
    item.name: item
    for item in (
        events.FORMAT,
        junit.FORMAT,
        ctrf.FORMAT,
        step_summary.FORMAT,
        matrix.FORMAT,
        canonical.FORMAT,
        durations.FORMAT,
    )
}
