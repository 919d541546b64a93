"""What the interface of today is compared with: that of the last release, or, before the first one, that which was last agreed on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

NAME = "omnirelay.json"
UNRELEASED = "unreleased"
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.]+))?\Z")


@dataclass(frozen=True, slots=True)
class Baseline:
    """The file, and the release that it is of; no release when there has been none."""

    path: Path
    release: str


def baseline(reports: Path, *, but: str = "") -> Baseline | None:
    """The interface of the newest release below ``reports`` other than ``but``; without one, that of ``reports/unreleased``."""
    found = [path.parent for path in reports.glob(f"*/{NAME}") if _VERSION.match(path.parent.name) and path.parent.name != but]
    if found:
        newest = max(found, key=lambda folder: _order(folder.name))
        return Baseline(newest / NAME, newest.name)
    path = reports / UNRELEASED / NAME
    return Baseline(path, "") if path.is_file() else None


def _order(version: str) -> tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]:
    """By precedence: numbers as numbers, a release after its pre-releases."""
    match = _VERSION.match(version)
    assert match is not None
    parts = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in (match[4] or "").split("."))
    return int(match[1]), int(match[2]), int(match[3]), 0 if match[4] else 1, parts
