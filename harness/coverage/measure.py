"""Coverage as a value: every row, what was exercised, how that compares with the floor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.coverage import floor as floors
from harness.coverage import texts as error_texts
from harness.coverage.errors import CoverageError
from harness.coverage.exercise import Exercised
from harness.coverage.floor import Floor
from harness.coverage.surface import KINDS, Row, exercised, rows
from harness.interface.model import InterfaceError
from harness.interface.model import read as read_interface


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, and how many of them are exercised."""

    covered: int
    total: int

    @property
    def share(self) -> float:
        """Per cent, rounded down to a tenth: 100.0 is said only when nothing is missing."""
        return 100.0 if not self.total else math.floor(1000 * self.covered / self.total) / 10


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is exercised of a program, and what is not."""

    program: str
    source: str
    whole: bool
    kinds: Mapping[str, Count]
    places: tuple[tuple[str, Count], ...]
    """Commands, and source files of error texts, worst first."""
    gaps: tuple[Row, ...]
    """What is not exercised, in the order of the places."""
    impossible: int
    """Rows left out of the count, because the floor's file says why they cannot be exercised."""
    floor: Floor

    @property
    def below(self) -> tuple[str, ...]:
        """A sentence for each kind that is below its floor."""
        least = self.floor.least
        low = ((kind, count.share) for kind, count in self.kinds.items() if count.share < least[kind])
        return tuple(f"{kind}: {share:.1f} % is below the floor of {least[kind]:.1f} %" for kind, share in low)

    @property
    def above(self) -> tuple[str, ...]:
        return tuple(kind for kind, count in self.kinds.items() if count.share > self.floor.least[kind])


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that describe a program's surface, and the floor."""

    interface: Path
    texts: Path | None
    floor: Path | None


def measure(sources: Sources, done: Exercised) -> Coverage:
    """Raises ``CoverageError`` when a file cannot be used."""
    try:
        interface = read_interface(sources.interface)
    except InterfaceError as error:
        raise CoverageError(str(error)) from None
    texts = error_texts.read(sources.texts) if sources.texts is not None else ()
    floor = floors.read(sources.floor) if sources.floor is not None else Floor(dict.fromkeys(KINDS, 0.0))
    everything = rows(interface, texts)
    found = exercised(interface, texts, done.exercises)
    if sources.floor is not None:
        floors.check_impossible(floor, everything, found, sources.floor)
    counted = tuple(row for row in everything if not any(entry.fits(row) for entry in floor.impossible))
    places = _places(counted, found)
    order = {place: index for index, (place, _) in enumerate(places)}
    gaps = sorted((row for row in counted if row not in found), key=lambda row: order[row.place])
    return Coverage(
        program=interface.program,
        source=done.source,
        whole=done.whole,
        kinds={kind: _count([row for row in counted if row.kind == kind], found) for kind in KINDS},
        places=places,
        gaps=tuple(gaps),
        impossible=len(everything) - len(counted),
        floor=floor,
    )


def _count(some: list[Row], found: frozenset[Row]) -> Count:
    return Count(sum(row in found for row in some), len(some))


def _places(counted: tuple[Row, ...], found: frozenset[Row]) -> tuple[tuple[str, Count], ...]:
    by_place: dict[str, list[Row]] = {}
    for row in counted:
        by_place.setdefault(row.place, []).append(row)
    counts = ((place, _count(some, found)) for place, some in by_place.items())
    return tuple(sorted(counts, key=lambda item: (item[1].share, item[1].covered - item[1].total, item[0])))
