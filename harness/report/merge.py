"""One run out of its shards, or a refusal that says which file does not fit and why: a merged report that hides a hole is worse than none.

::

    MergeError
    ├── NoShard             a file is the result of a whole run, or nothing was given
    ├── OtherRun            another program, scenario tree, artifact, or division
    ├── DuplicateShard      the same part twice
    ├── MissingShard        a part that nobody gave
    ├── DuplicateCells      one cell in two parts
    └── MissingCells        together the parts are not the whole selection
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from harness.model.verdict import Verdict
from harness.report.run import NOTHING_RAN, CellEvent, Run, ordered

NAMED = 5
TIME = "%Y-%m-%dT%H:%M:%SZ"


class MergeError(Exception):
    """The files are not the parts of one run."""


class NoShard(MergeError):
    """A file is the result of a whole run, or nothing was given."""


class OtherRun(MergeError):
    """Another program, scenario tree, artifact, or division."""


class DuplicateShard(MergeError):
    """The same part twice."""


class MissingShard(MergeError):
    """A part that nobody gave."""


class DuplicateCells(MergeError):
    """One cell in two parts."""


class MissingCells(MergeError):
    """Together the parts are not the whole selection."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run and the file that it was read from."""

    name: str
    run: Run


def digest(identities: Iterable[tuple[str, str, str]]) -> str:
    """What tells two selections of cells apart, whatever their order."""
    whole = hashlib.sha256()
    for scenario, case, artifact in sorted(identities):
        whole.update(f"{scenario}\0{case}\0{artifact}\n".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def merge(parts: Sequence[Part]) -> Run:
    """The run that the shards ``parts`` make together; equal to the run that had not been divided, but for its times."""
    if not parts:
        raise NoShard("nothing to merge: name the results of every shard")
    for part in parts:
        if part.run.shard is None:
            raise NoShard(f"{part.name}: is the result of a whole run, not of a shard")
    first = parts[0]
    for part in parts[1:]:
        _same(first, part)
    _complete(parts)
    cells = _cells(parts)
    shard = first.run.shard
    assert shard is not None
    # What no shard can know of itself.
    idle = (NOTHING_RAN,) if cells and all(cell.verdict is Verdict.UNSUPPORTED for cell in cells.values()) else ()
    if len(cells) != shard.cells or digest(cells) != shard.sha256:
        raise MissingCells(_missing(parts, len(cells), shard.cells))
    started, seconds = _times(parts)
    return ordered(
        replace(
            first.run,
            cells=tuple(cells.values()),
            not_run=tuple(row for part in parts for row in part.run.not_run),
            problems=(*(row for part in parts for row in part.run.problems), *idle),
            shard=None,
            started=started,
            seconds=seconds,
        )
    )


def _same(first: Part, other: Part) -> None:
    a, b = first.run, other.run
    assert a.shard is not None
    assert b.shard is not None
    pair = f"{first.name} and {other.name}"
    if a.program != b.program:
        raise OtherRun(f"{pair}: one is about {a.program}, the other about {b.program}")
    tested = {artifact.id: artifact for artifact in a.artifacts}
    for artifact in b.artifacts:
        mine = tested.get(artifact.id)
        if mine is not None and mine != artifact:
            raise OtherRun(f"{pair}: {artifact.id} is not the same file: SHA-256 {mine.sha256} and {artifact.sha256}; run both on the same artifacts")
    if (a.artifacts, a.reference) != (b.artifacts, b.reference):
        raise OtherRun(f"{pair}: one tested {_names(a)}, the other {_names(b)}")
    if a.suite != b.suite or not a.suite:
        raise OtherRun(
            f"{pair}: their scenarios or goldens are not the same files (digests {a.suite or 'none'} and {b.suite or 'none'}); run both from one commit"
        )
    if a.shard.of != b.shard.of:
        raise OtherRun(f"{pair}: one is a part of {a.shard.of}, the other of {b.shard.of}")
    if (a.shard.cells, a.shard.sha256) != (b.shard.cells, b.shard.sha256):
        raise OtherRun(f"{pair}: they are parts of different selections of cells ({a.shard.cells} and {b.shard.cells}); give every shard the same options")


def _names(run: Run) -> str:
    return ", ".join(artifact.id for artifact in run.artifacts) or "nothing"


def _complete(parts: Sequence[Part]) -> None:
    seen: dict[int, Part] = {}
    for part in parts:
        assert part.run.shard is not None
        if (before := seen.get(part.run.shard.index)) is not None:
            raise DuplicateShard(f"{before.name} and {part.name}: both are shard {part.run.shard}")
        seen[part.run.shard.index] = part
    of = parts[0].run.shard.of if parts[0].run.shard else 0
    missing = [index for index in range(1, of + 1) if index not in seen]
    if missing:
        raise MissingShard(f"shard {_limited([f'{index}/{of}' for index in missing])} is missing")


def _cells(parts: Sequence[Part]) -> Mapping[tuple[str, str, str], CellEvent]:
    cells: dict[tuple[str, str, str], CellEvent] = {}
    origin: dict[tuple[str, str, str], Part] = {}
    for part in parts:
        for cell in part.run.cells:
            if cell.identity in cells:
                names = f"{origin[cell.identity].name} and {part.name}"
                raise DuplicateCells(f"{names}: both hold {cell.scenario}::{cell.case} on {cell.artifact}; were they divided by the same durations?")
            cells[cell.identity] = cell
            origin[cell.identity] = part
    return cells


def _missing(parts: Sequence[Part], found: int, planned: int) -> str:
    stopped = [f"{part.name} ({row.what}: {row.why})" for part in parts for row in part.run.problems]
    why = f"; look at {_limited(stopped)}" if stopped else "; were the shards divided by the same durations?"
    return f"the shards hold {found} cells of the {planned} that were selected, or others{why}"


def _limited(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more


def _times(parts: Sequence[Part]) -> tuple[str, float]:
    """From the first beginning to the last end; nothing when a part does not say when it began."""
    try:
        begins = [datetime.strptime(part.run.started, TIME).replace(tzinfo=UTC) for part in parts]
        ends = [begin + timedelta(seconds=part.run.seconds) for begin, part in zip(begins, parts, strict=True)]
    except (ValueError, OverflowError):
        return "", 0.0
    return min(begins).strftime(TIME), round((max(ends) - min(begins)).total_seconds(), 6)
