"""Makes the capsule of a cell that has just ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.execute.record import CellRecord
from harness.model.artifact import Artifact
from harness.model.scenario import Scenario
from harness.model.verdict import CellResult
from harness.replay.capsule import Capsule


def capsule_of(
    result: CellResult, record: CellRecord, scenario: Scenario, artifact: Artifact, program: str, root: Path, golden: Callable[[str], str | None]
) -> Capsule:
    """The capsule of a result; ``root`` is the scenario tree, ``golden`` reads what the cell compared with."""
    return Capsule(
        program=program,
        scenario=result.scenario,
        case=result.case,
        verdict=result.verdict.value,
        findings=result.findings,
        subject=record.subject,
        sha256=artifact.sha256,
        environment=record.environment,
        observations=result.observations,
        traffic=record.traffic,
        sources=_sources(scenario, root),
        goldens={use.key: text for use in result.goldens if (text := golden(use.key)) is not None},
    )


def _sources(scenario: Scenario, root: Path) -> Mapping[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in scenario.sources if path.is_relative_to(root)}
