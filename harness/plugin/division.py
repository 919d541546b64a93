"""Which case belongs to which shard: longest first, always to the shard that has least to do; what nobody has timed goes by its name.

The same cases and the same durations give the same division on every machine. All artifacts of a case stay together, because they are compared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.report.durations import Durations

WRITTEN = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})\Z")

CaseKey = tuple[str, str]
"""Scenario and case."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``index`` of ``of``, counted from 1."""

    index: int
    of: int

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


def parse_shard(text: str) -> Shard:
    """``2/5``; a ``ValueError`` says what is wrong with anything else."""
    match = WRITTEN.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a shard; write 2/5 for the second part of five (at most 9999)")
    index, of = int(match[1]), int(match[2])
    if index > of:
        raise ValueError(f"there is no part {index} of {of}; parts are counted from 1")
    return Shard(index, of)


def divide(cases: Mapping[CaseKey, Collection[str]], durations: Durations, of: int) -> dict[CaseKey, int]:
    """The part, counted from 1, of every case; ``cases`` names the selected artifacts of each."""
    loads = [0.0] * of
    parts: dict[CaseKey, int] = {}
    known = {case: time for case, artifacts in cases.items() if (time := _time(durations.get(case, {}), artifacts)) is not None}
    for case in sorted(known, key=lambda case: (-known[case], case)):
        lightest = min(range(of), key=lambda part: (loads[part], part))
        loads[lightest] += known[case]
        parts[case] = lightest + 1
    for case in cases.keys() - known.keys():
        name = hashlib.sha256("\0".join(case).encode("utf-8", "surrogatepass")).digest()
        parts[case] = int.from_bytes(name[:8], "big") % of + 1
    return parts


def _time(timed: Mapping[str, float], artifacts: Collection[str]) -> float | None:
    """What the case takes on all of ``artifacts``; one that was never timed counts as the mean of those that were, and none at all as unknown."""
    found = [timed[artifact] for artifact in artifacts if artifact in timed]
    return sum(found) / len(found) * len(artifacts) if found else None
