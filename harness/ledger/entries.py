"""The ledger as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from harness.model.position import Position


class Outcome(Enum):
    """What is known to happen."""

    FAIL = "fail"
    """It fails every time; when it passes, the entry must go."""
    FLAKY = "flaky"
    """It fails sometimes, or holds only when it is tried again."""


@dataclass(frozen=True, slots=True)
class Where:
    """The one way in which a cell may fail."""

    step: str
    matches: re.Pattern[str]
    stream: str | None = None
    """``stdout`` or ``stderr``: what the step really printed must match. None: the message of the finding must match."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known difference. ``scenario``, ``case`` and ``artifact`` are shell patterns."""

    scenario: str
    where: Where
    reason: str
    issue: str
    owner: str
    expires: date
    position: Position
    case: str = "*"
    artifact: str = "*"
    outcome: Outcome = Outcome.FAIL

    def covers(self, scenario: str, case: str, artifact: str) -> bool:
        return fnmatchcase(scenario, self.scenario) and fnmatchcase(case, self.case) and fnmatchcase(artifact, self.artifact)

    def expired(self, today: date) -> bool:
        """The date itself is the last day on which the entry holds."""
        return today > self.expires


@dataclass(frozen=True, slots=True)
class Ledger:
    """All entries in the order of the file; ``path`` is None for the empty ledger of a tree that has none."""

    entries: tuple[Entry, ...]
    path: Path | None = None

    def covering(self, scenario: str, case: str, artifact: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.covers(scenario, case, artifact))
