"""What every kind of artifact has in common: a packager says what it is made from and fills an empty directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cli.publish.cache import Cache
from cli.publish.progress import Progress
from cli.publish.targets import Target
from cli.publish.tools import Tools


@dataclass(frozen=True, slots=True)
class Job:
    """One artifact to make."""

    artifact: str
    target: Target
    build_id: str
    place: Path
    """An empty directory to fill."""
    final: Path
    """Where `place` will be moved to: for texts that must name their own path."""
    cache: Cache
    tools: Tools
    progress: Progress


@dataclass(frozen=True, slots=True)
class Made:
    """What a packager made: the executed file relative to the directory, and whether the rest of the directory belongs to it."""

    executable: str
    tree: str = ""
    """The directory that belongs to the artifact, relative to `place`; empty when the executed file stands alone."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What it was made with, for artifacts.json: the same for the same inputs."""
    warnings: int = 0
    """Allowed warnings of steps whose results came from the cache."""


class Packager(Protocol):
    """Makes artifacts of one kind. A new kind is one module with such a class and one line in the registry."""

    kind: str
    development: bool

    def inputs(self, target: Target) -> dict[str, str]:
        """What the result depends on besides publish itself, by name; equal inputs mean that an artifact need not be made again."""

    def make(self, job: Job) -> Made:
        """Fills `job.place`."""
