"""How binding a scenario is: ``must`` and ``should`` turn a run red, ``may`` is counted and must not get worse than the last release.

A ``should`` may be left undone only for a reason that somebody has written down, and the place for that is the ledger. A ``may`` that fails is tolerated,
unless it passed on that artifact in the newest release below ``reports/``: what users have had once they keep.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.faults import HarnessFault
from harness.model.position import Position
from harness.model.scenario import Level, Scenario
from harness.model.verdict import CellResult, Finding, Verdict
from harness.report.events import EventsError, read
from harness.report.run import RESULTS, TOLERATED

_VERSION: Final = re.compile(r"v?(\d+(?:\.\d+)*)\Z")


class HistoryError(HarnessFault):
    """The results of the last release cannot be read, so nobody can say whether something has got worse."""


class LastRelease:
    """What passed in the newest release; read when the first cell asks."""

    def __init__(self, reports: Path) -> None:
        self._reports = reports
        self._passed: frozenset[tuple[str, str, str]] | None = None
        self.name = ""

    def passed(self, result: CellResult) -> bool:
        if self._passed is None:
            self._passed = self._read()
        return (result.scenario, result.case, result.artifact) in self._passed

    def _read(self) -> frozenset[tuple[str, str, str]]:
        releases = [(version, folder) for folder in self._reports.glob("*/") if (version := _version(folder.name)) and (folder / RESULTS).is_file()]
        if not releases:
            return frozenset()
        newest = max(releases)[1]
        self.name = newest.name
        try:
            return frozenset(cell.identity for cell in read(newest / RESULTS).cells if cell.verdict is Verdict.PASSED)
        except (EventsError, OSError) as error:
            raise HistoryError(f"the results of the last release cannot be read: {error}") from None


def weigh(result: CellResult, scenario: Scenario, release: LastRelease) -> CellResult:
    """The result as its level sees it: a failure of a ``may`` is tolerated, or says that it is a step back."""
    if result.verdict is not Verdict.FAILED or scenario.level is not Level.MAY:
        return result
    if any(finding.aspect == "ledger" for finding in result.findings):
        return result  # an entry that has expired, or that must go, is a mistake of the ledger and not of the program
    if release.passed(result):
        message = f"level may, but it passed in release {release.name}: what has worked once may not stop working"
        return replace(result, findings=(*result.findings, Finding("", "level", message, Position(scenario.steps[0].position.path, 1), (), "level")))
    return replace(result, details={**result.details, TOLERATED: True}, reason="level may: counted, and not red")


def is_tolerated(result: CellResult) -> bool:
    return result.details.get(TOLERATED) is True


def _version(name: str) -> tuple[int, ...]:
    found = _VERSION.match(name)
    return tuple(int(part) for part in found[1].split(".")) if found and len(name) < 40 else ()
