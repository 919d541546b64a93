"""A scenario file as a value: what it proves, its servers, its cases and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from harness.model.position import Position
from harness.model.step import Step
from harness.model.template import Template


class Tier(Enum):
    """The first folder of a scenario's path; sets the default time limit of a step."""

    UNIT = "unit"
    INTEGRATION = "integration"
    FEATURE = "feature"
    HYPERSCALE = "hyperscale"


class Level(Enum):
    """How binding a scenario is, in the words of RFC 2119."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


@dataclass(frozen=True, slots=True)
class SandboxFile:
    """A file that the sandbox starts with: literal content, or a copy of ``source`` that lies beside the scenario."""

    path: str
    """Relative, POSIX separators, inside the sandbox."""
    content: Template | None = None
    source: Path | None = None


class Life(Enum):
    """How long what a server holds lasts."""

    CASE = "case"
    """Every case starts with a world of its own."""
    FILE = "file"
    """All cases of the file look at one world, which none of them may change."""


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A server that steps talk to under the name of its table; ``settings`` is handed to the server kind as it is."""

    name: str
    use: str
    settings: Mapping[str, object]
    """The keys of the table but ``use`` and ``per``: ``data`` already read into a value, ``generate``, ``clock``, ``faults``, ``enums``."""
    position: Position
    per: Life = Life.CASE


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the case table: free columns, the same in every row. A file without a table has one case with an empty id."""

    id: str
    columns: Mapping[str, object] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file."""

    id: str
    """Its path below the scenario root without the suffix: ``feature/upgrade/drain-resume``."""
    path: Path
    tier: Tier
    title: str
    steps: tuple[Step, ...]
    cases: tuple[Case, ...]
    always: tuple[Step, ...] = ()
    """The ``[[finally]]`` steps."""
    why: str = ""
    covers: tuple[str, ...] = ()
    level: Level = Level.MUST
    tags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    timeout: float | None = None
    env: Mapping[str, Template] = field(default_factory=dict)
    files: tuple[SandboxFile, ...] = ()
    cwd: str = "."
    servers: tuple[ServerSpec, ...] = ()
    arguments: Mapping[str, object] = field(default_factory=dict)
    """What calls give their procedures: ``<call>.<parameter>`` to a value tree in the names of the caller."""
    sources: tuple[Path, ...] = ()
    """Every file that the scenario was read from: its own first, then data, starting files and included procedures."""
