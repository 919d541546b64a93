"""Where the artifact lies: its own path is ``<program>``, the directory that belongs to it ``<artifact>``.

The bare name of the program is left alone: a program that calls itself by another name in one artifact than in the other is wrong.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from harness.model.artifact import Artifact
from harness.normalise.paths import Replacement, replace_paths
from harness.normalise.subject import Subject


def apply(text: str, subject: Subject) -> str:
    artifact = subject.artifact
    return replace_paths(text, _replacements(artifact.path, artifact.prefix, _root(artifact)))


def _root(artifact: Artifact) -> Path | None:
    return artifact.tree.root if artifact.tree else None


@lru_cache(maxsize=64)
def _replacements(path: Path, prefix: tuple[str, ...], root: Path | None) -> tuple[Replacement, ...]:
    """As declared and as the file system resolves it: a program finds itself under either."""
    programs = {str(path), os.path.realpath(path)}
    for part in prefix:
        if part.startswith("/"):
            programs |= {part, os.path.realpath(part)}
    roots = {str(root), os.path.realpath(root)} - programs if root else set()
    return (*((name, "<program>") for name in sorted(programs)), *((name, "<artifact>") for name in sorted(roots)))
