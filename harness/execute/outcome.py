"""What one step came to, and what the steps of a cell have come to so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.compare.goldens import GOLDEN_CHECKS
from harness.execute.record import CellRecord
from harness.execute.retrying import CHECK as RETRY
from harness.model.observation import Observation
from harness.model.verdict import Finding, GoldenUse


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether the steps that follow would be judged under wrong premises."""
    return any(finding.check not in GOLDEN_CHECKS and finding.check != RETRY for finding in findings)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of one step. ``captures`` is filled only when nothing but goldens deviated."""

    observation: Observation
    findings: tuple[Finding, ...] = ()
    captures: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return blocks(self.findings)


@dataclass(slots=True)
class Progress:
    """What the steps of a cell have come to so far; also read when a harness fault cuts them short."""

    findings: list[Finding] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """``finally`` steps that could not run because a value or a program that they need was never there."""
    goldens: list[GoldenUse] = field(default_factory=list)
    sandbox: Path | None = None
    record: CellRecord | None = None
