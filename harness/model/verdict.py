"""What a cell came to, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from harness.model.observation import Observation
from harness.model.position import Position


class Verdict(Enum):
    """The five ends of a cell. A harness fault is never a test failure and neither is ever an expected failure."""

    PASSED = "passed"
    FAILED = "failed"
    EXPECTED_FAILURE = "expected-failure"
    UNSUPPORTED = "unsupported"
    HARNESS_ERROR = "harness-error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation: where it was expected, on what, and how it differs."""

    step: str
    aspect: str
    """``exit``, ``stdout``, ``stderr``, ``timeout``, ``files``, ``received``, ``capture``, ``leak``, …"""
    message: str
    position: Position
    diff: tuple[str, ...] = ()
    """Unified-diff lines (without headers), empty when the message says it all."""
    check: str = ""
    """Name of the assertion kind that found it: ``equals``, ``snapshot``, ``json.check``, …"""


@dataclass(frozen=True, slots=True)
class GoldenUse:
    """A golden that a step compares with: its key, the text that the artifact produced, and the position of the assertion."""

    key: str
    """Path below ``snapshots/`` without a suffix: ``feature/upgrade/drain-resume/rolling/drain.stdout``."""
    actual: str
    position: Position
    matched: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class CellResult:
    """The outcome of one case on one artifact."""

    scenario: str
    case: str
    artifact: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    goldens: tuple[GoldenUse, ...] = ()
    observations: tuple[Observation, ...] = ()
    seconds: float = 0.0
    reason: str = ""
    """Why it is unsupported or a harness error; the ledger's reason for an expected failure."""
    details: Mapping[str, object] = field(default_factory=dict)
