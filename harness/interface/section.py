"""The interface as a part of the release report."""

from __future__ import annotations

from pathlib import Path

from harness.interface.baseline import baseline
from harness.interface.diff import BREAKING, CLASSES, compare
from harness.interface.model import InterfaceError, read
from harness.interface.render import TITLES
from harness.report.view import BAD, MUTED, WARN, Cell, Section, Table

_TONES = {BREAKING: BAD, "added": "", "text": MUTED}


def section(current: Path, reports: Path, version: str) -> Section:
    """What changed for scripts and people since the last release."""
    before = baseline(reports, but=version)
    if before is None:
        return _section("There is no earlier release and no agreed interface, so nothing is compared.")
    try:
        changes = compare(read(before.path), read(current))
    except InterfaceError as error:
        return Section("interface", "Interface", (), (Table(("problem",), ((Cell(str(error), WARN),),)),))
    since = f"since {before.release}" if before.release else "since the interface that was last agreed on; there is no earlier release"
    counts = ", ".join(f"{sum(change.kind == kind for change in changes)} {TITLES[kind].lower()}" for kind in CLASSES)
    if not changes:
        return _section(f"Nothing changed {since}.")
    rows = tuple((Cell(TITLES[change.kind].lower(), _TONES[change.kind]), Cell(change.subject), Cell(change.what)) for change in changes)
    return _section(f"What changed {since}: {counts}.", Table(("class", "what", "change"), rows, numeric_from=3))


def _section(text: str, *tables: Table) -> Section:
    return Section("interface", "Interface", (text,), tables)
