"""What a worker tells the controller about a cell: plain values on the report of the phase that decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import pytest

from harness.model.position import Position
from harness.model.scenario import Scenario, Tier
from harness.model.verdict import CellResult, Finding, Verdict
from harness.plugin.agreement import uses_of
from harness.report.events import CellEvent, cell_event, cell_from_json, cell_to_json
from harness.report.run import TOLERATED
from harness.review.agreement import Use

ATTRIBUTE = "conformance"
UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A cell as the controller knows it. ``node`` is the node id without the artifact: the same for all artifacts of a case."""

    node: str
    event: CellEvent
    uses: tuple[Use, ...] = ()


def node_of(node_id: str) -> str:
    return node_id.rpartition("[")[0]


def artifact_of(node_id: str) -> str:
    return node_id.rpartition("[")[2].rstrip("]")


def attach(report: pytest.TestReport, scenario: Scenario, result: CellResult) -> None:
    """Put the cell on the report; only what xdist can carry between processes."""
    event = cell_event(result, tier=scenario.tier.value, level=scenario.level.value)
    uses = [[use.key, use.actual, use.missing] for use in uses_of(result)]
    setattr(report, ATTRIBUTE, {"event": cell_to_json(event), "uses": uses})


def outcome_of(report: pytest.TestReport) -> Outcome | None:
    """The cell that ``attach`` put on the report; None on the reports of other phases and other tests."""
    carried = getattr(report, ATTRIBUTE, None)
    if carried is None:
        return None
    uses = tuple(Use(key, actual, missing) for key, actual, missing in carried["uses"])
    return Outcome(node_of(report.nodeid), cell_from_json(carried["event"]), uses)


def slim(report: pytest.TestReport) -> None:
    """Take off what ``attach`` put on: pytest keeps every report to the end, and a run may have 50,000 of them."""
    delattr(report, ATTRIBUTE)


def lost_cell(report: pytest.TestReport, root: Path, scenarios: Path) -> Outcome | None:
    """The cell of a report that carries none although it failed: its worker died, or the harness itself raised an error.

    Only the node id tells which cell it was.
    """
    path, colons, name = report.nodeid.partition("::")
    file = _file(path, root, scenarios)
    if file is None or not colons:
        return None
    identity = file.relative_to(scenarios).with_suffix("").as_posix()
    case = node_of(name)
    tier = identity.split("/")[0]
    event = CellEvent(
        scenario=identity,
        case="" if case == file.stem else case,
        artifact=artifact_of(name),
        tier=tier if tier in {known.value for known in Tier} else Tier.UNIT.value,
        level="must",
        verdict=Verdict.HARNESS_ERROR,
        seconds=round(report.duration, 6),
        reason=_first_line(report.longreprtext) or "the worker that ran this cell died",
    )
    return Outcome(node_of(report.nodeid), event)


def _file(path: str, root: Path, scenarios: Path) -> Path | None:
    """The scenario file of a node id. Outside of the rootdir node ids begin at the folder that was given on the command line."""
    for base in (root, scenarios, scenarios.parent):
        file = base / path
        if file.suffix == ".toml" and file.is_relative_to(scenarios):
            return file
    return None


def _first_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def result_of(event: CellEvent) -> CellResult:
    """The event as a result again, for what works on results; observations and goldens are not part of it."""
    findings = tuple(Finding(f.step, f.aspect, f.message, _position(f.at), f.diff, f.check) for f in event.findings)
    return CellResult(event.scenario, event.case, event.artifact, event.verdict, findings, seconds=event.seconds, reason=event.reason)


def _position(at: str) -> Position:
    path, line, column = at.rsplit(":", 2)
    return Position(PurePath(path), int(line), int(column))


def status(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Unsupported and tolerated cells are counted by themselves: neither is a test that was skipped, or one that is known to fail."""
    carried: Mapping[str, object] | None = getattr(report, ATTRIBUTE, None)
    event = carried["event"] if carried is not None and report.skipped else None
    if not isinstance(event, dict):
        return None
    if event["verdict"] == Verdict.UNSUPPORTED.value:
        return UNSUPPORTED, "u", "UNSUPPORTED"
    return (TOLERATED, "m", "TOLERATED") if event.get(TOLERATED) is True else None
