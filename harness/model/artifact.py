"""An artifact: one produced file or directory that can be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tree:
    """A directory that belongs to the artifact: its root, the digest over its entries, and how many there are."""

    root: Path
    sha256: str
    files: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """One entry of ``artifacts.json``; ``path`` is absolute and is what gets executed."""

    id: str
    kind: str
    target: str
    path: Path
    sha256: str
    size: int
    version: str
    tree: Tree | None = None
    development: bool = False
    prefix: tuple[str, ...] = ()
    """What precedes the arguments besides the path, such as an interpreter's script; usually empty."""
    lacks: tuple[str, ...] = ()
    """Capabilities that this artifact declares not to have; a scenario that ``needs`` one is unsupported."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Every other key of the entry, for reports."""


@dataclass(frozen=True, slots=True)
class ArtifactSet:
    """What ``artifacts.json`` holds: the program's name, the reference artifact and all entries."""

    program: str
    reference: str
    artifacts: tuple[Artifact, ...]
    path: Path
