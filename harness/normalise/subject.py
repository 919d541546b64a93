"""What the filters know about the cell whose output they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.model.artifact import Artifact

_ASKS_FOR_VERSION: Final = frozenset({"--version", "-V", "version"})


@dataclass(frozen=True, slots=True)
class Subject:
    """One step of one cell. ``servers`` maps the name of each leased server to its URL."""

    artifact: Artifact
    work: Path
    home: Path
    tmp: Path
    servers: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    @property
    def asks_for_version(self) -> bool:
        """Only then may the artifact's version vary in the output: in data of a server the same digits are a value like any other."""
        return not _ASKS_FOR_VERSION.isdisjoint(self.arguments)
