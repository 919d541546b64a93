"""A replay capsule as a value: everything that one cell met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.observation import Observation
from harness.model.traffic import Exchange
from harness.model.verdict import Finding
from harness.normalise.subject import Subject


class CapsuleError(Exception):
    """The file is no capsule that can be trusted; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Capsule:
    """Everything that a cell met."""

    program: str
    scenario: str
    case: str
    verdict: str
    findings: tuple[Finding, ...]
    subject: Subject
    """The artifact, the sandbox and the servers as they were: what the raw output is normalised with."""
    sha256: str
    environment: Mapping[str, str]
    observations: tuple[Observation, ...]
    traffic: Mapping[str, tuple[Exchange, ...]] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)
    """The scenario's files by their path below the scenario tree; the first is the scenario."""
    goldens: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.scenario} :: {self.case}" if self.case else self.scenario

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Servers whose traffic was too large to be kept whole."""
        return tuple(sorted(name for name, exchanges in self.traffic.items() if any(exchange.cut for exchange in exchanges)))
