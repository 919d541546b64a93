"""The committed floor: how many per cent of each kind of rows are exercised at least, and which rows cannot be, with the reason.

It may only rise. A row that is said to be impossible and is exercised all the same is a mistake in the file, and so is a pattern that fits nothing:
reasons must stay true.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from harness.coverage.errors import CoverageError
from harness.coverage.surface import KINDS, Row
from harness.report.files import write_text

FORMAT: Final = 1
_LIMIT: Final = 1024 * 1024
_MOST: Final = 1000
_LINE: Final = re.compile(r"(?m)^(command|option|value|exit|text) = [0-9.]+$")


@dataclass(frozen=True, slots=True)
class Impossible:
    """Rows that no scenario can exercise: a pattern over their names, and why."""

    pattern: str
    reason: str

    def fits(self, row: Row) -> bool:
        return fnmatchcase(row.name.replace("[", "("), self.pattern.replace("[", "("))


@dataclass(frozen=True, slots=True)
class Floor:
    """The file as a value. ``least`` has a figure for every kind."""

    least: Mapping[str, float]
    impossible: tuple[Impossible, ...] = ()


def read(path: Path) -> Floor:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            raise CoverageError(f"{path}: is larger than {_LIMIT // 1024} KiB")
        document = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise CoverageError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise CoverageError(f"{path}: is not TOML: {error}") from None
    return _floor(document, path)


def _floor(document: Mapping[str, object], path: Path) -> Floor:
    unknown = sorted(document.keys() - {"format", "floor", "impossible"})
    if document.get("format") != FORMAT or isinstance(document.get("format"), bool) or unknown:
        raise CoverageError(f"{path}: format = {FORMAT}, [floor] and [[impossible]] are wanted{', not ' + ', '.join(unknown) if unknown else ''}")
    least = document.get("floor")
    if not isinstance(least, dict) or least.keys() != set(KINDS) or not all(_is_share(value) for value in least.values()):
        raise CoverageError(f"{path}: [floor] must give {', '.join(KINDS)}, each from 0.0 to 100.0")
    entries = document.get("impossible", [])
    if not isinstance(entries, list) or len(entries) > _MOST:
        raise CoverageError(f"{path}: [[impossible]] must be at most {_MOST} tables")
    return Floor({kind: float(least[kind]) for kind in KINDS}, tuple(_impossible(entry, f"{path}: [[impossible]] {n}") for n, entry in enumerate(entries, 1)))


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _impossible(entry: object, where: str) -> Impossible:
    if not isinstance(entry, dict) or entry.keys() != {"rows", "reason"} or not all(isinstance(text, str) and text.strip() for text in entry.values()):
        raise CoverageError(f"{where}: rows (a pattern over their names) and a reason are wanted")
    return Impossible(entry["rows"], entry["reason"])


def check_impossible(floor: Floor, rows: Sequence[Row], exercised: frozenset[Row], path: Path) -> None:
    """Raises when the file says of rows that cannot be exercised what is not so."""
    for entry in floor.impossible:
        fitting = [row for row in rows if entry.fits(row)]
        if not fitting:
            raise CoverageError(f"{path}: nothing is called {entry.pattern!r}; remove the entry, or correct it")
        if done := next((row for row in fitting if row in exercised), None):
            raise CoverageError(f"{path}: {done.name!r} is exercised, so {entry.pattern!r} is not impossible; remove the entry, or narrow it")


def raise_to(path: Path, floor: Floor, shares: Mapping[str, float]) -> tuple[str, ...]:
    """Write every figure that has risen, and leave the rest of the file as it is; what was written."""
    risen = {kind: share for kind, share in shares.items() if share > floor.least[kind]}
    if risen:
        text = path.read_text(encoding="utf-8")
        write_text(path, [_LINE.sub(lambda found: f"{found[1]} = {risen[found[1]]:.1f}" if found[1] in risen else found[0], text)])
    return tuple(f"{kind} {floor.least[kind]:.1f} → {share:.1f}" for kind, share in risen.items())
