"""The results of a run as JSON lines: a header, one line per cell, a footer; written whole or not at all, read strictly.

The order of the cells depends on their names only, so two runs over the same artifacts differ in nothing but the times. Every other format is derived
from this one. A reader either gets everything or one of these errors, because a report built on a file that cannot be trusted is worse than none::

    EventsError
    ├── UnreadableEvents     the file cannot be opened or read
    ├── EmptyEvents          nothing was written
    ├── MalformedLine        a line is not an event of this format
    ├── UnknownVersion       the header names another format
    ├── MissingHeader        the first line is not the header
    ├── MissingFooter        the run did not come to its end
    ├── TrailingLines        something stands after the footer
    ├── DuplicateArtifact    the header lists an artifact twice
    ├── DuplicateCell        two verdicts for one case on one artifact
    ├── UnknownArtifact      a cell on an artifact that the header does not list
    ├── CountsDiffer         the footer counts other verdicts than the cells have
    └── TooLarge             more bytes or cells than any run has
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.model.verdict import Verdict
from harness.report.files import write_text
from harness.report.run import ArtifactEvent, CellEvent, FindingEvent, NotRunEvent, Run, ShardEvent, artifact_event, cell_event, ordered
from harness.strict_json import no_constant, unique

__all__ = [
    "ArtifactEvent",
    "CellEvent",
    "EventsError",
    "FindingEvent",
    "NotRunEvent",
    "Run",
    "ShardEvent",
    "artifact_event",
    "cell_event",
    "cell_from_json",
    "cell_to_json",
    "lines",
    "read",
    "write",
]

VERSION = 1
MAX_LINE = 16 * 1024 * 1024
MAX_BYTES = 1024 * 1024 * 1024
MAX_CELLS = 1_000_000
T = TypeVar("T")


class EventsError(Exception):
    """The event file cannot be trusted; the text says where and why."""


class UnreadableEvents(EventsError):
    """The file cannot be opened or read."""


class EmptyEvents(EventsError):
    """Nothing was written."""


class MalformedLine(EventsError):
    """A line is not an event of this format."""


class UnknownVersion(EventsError):
    """The header names a format that this reader does not know."""


class MissingHeader(EventsError):
    """The first line is not the header."""


class MissingFooter(EventsError):
    """The run did not come to its end."""


class TrailingLines(EventsError):
    """Something stands after the footer."""


class DuplicateArtifact(EventsError):
    """The header lists an artifact twice."""


class DuplicateCell(EventsError):
    """Two verdicts for one case on one artifact."""


class UnknownArtifact(EventsError):
    """A cell on an artifact that the header does not list."""


class CountsDiffer(EventsError):
    """The footer counts other verdicts than the cells have."""


class TooLarge(EventsError):
    """More bytes or cells than any run has."""


def cell_to_json(cell: CellEvent) -> dict[str, object]:
    """A line's object; what is empty or false is left out."""
    line: dict[str, object] = {
        "type": "cell",
        "scenario": cell.scenario,
        "case": cell.case,
        "artifact": cell.artifact,
        "tier": cell.tier,
        "level": cell.level,
        "verdict": cell.verdict.value,
        "seconds": cell.seconds,
    }
    if cell.reason:
        line["reason"] = cell.reason
    if cell.tolerated:
        line["tolerated"] = True
    if cell.findings:
        line["findings"] = [
            {"step": f.step, "aspect": f.aspect, "message": f.message, "at": f.at, "check": f.check, "diff": list(f.diff)} for f in cell.findings
        ]
    if cell.perturbed:
        line["perturbed"] = list(cell.perturbed)
    if cell.kept:
        line["kept"] = list(cell.kept)
    return line


def _header_to_json(run: Run) -> dict[str, object]:
    header: dict[str, object] = {
        "format": VERSION,
        "type": "header",
        "program": run.program,
        "reference": run.reference,
        "suite": run.suite,
        "scenarios": run.scenarios,
        "replay": run.replay,
        "started": run.started,
        "artifacts": [{"id": a.id, "sha256": a.sha256, "version": a.version} for a in run.artifacts],
    }
    if run.shard is not None:
        header["shard"] = {"index": run.shard.index, "of": run.shard.of, "cells": run.shard.cells, "sha256": run.shard.sha256}
    return header


def _footer_to_json(run: Run) -> dict[str, object]:
    return {
        "type": "footer",
        "seconds": run.seconds,
        "counts": dict(run.counts),
        "not_run": [{"what": row.what, "why": row.why} for row in run.not_run],
        "problems": [{"what": row.what, "why": row.why} for row in run.problems],
    }


def lines(run: Run) -> Iterator[str]:
    """The file, line by line."""
    run = ordered(run)
    yield _line(_header_to_json(run))
    for cell in run.cells:
        yield _line(cell_to_json(cell))
    yield _line(_footer_to_json(run))


def _line(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"


def write(path: Path, run: Run) -> None:
    """Write the file so that a reader sees the old one or the whole new one."""
    write_text(path, lines(run))


def read(path: Path) -> Run:
    """The run that ``path`` records; an ``EventsError`` when it does not record one completely."""
    try:
        with path.open("rb") as file:
            return _Reader(path).run(_lines(path, file.readline))
    except OSError as error:
        raise UnreadableEvents(f"{path}: cannot be read: {error.strerror}") from None


def _lines(path: Path, next_line: Callable[[int], bytes]) -> Iterator[tuple[int, bytes]]:
    number = size = 0
    while raw := next_line(MAX_LINE + 1):
        number += 1
        size += len(raw)
        if len(raw) > MAX_LINE:
            raise MalformedLine(f"{path}:{number}: is longer than {MAX_LINE // 1024 // 1024} MiB")
        if size > MAX_BYTES or number > MAX_CELLS + 2:
            raise TooLarge(f"{path}:{number}: a results file holds at most {MAX_BYTES // 1024 // 1024} MiB and {MAX_CELLS} cells")
        yield number, raw


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path

    def run(self, numbered: Iterable[tuple[int, bytes]]) -> Run:
        header: dict[str, object] | None = None
        footer: dict[str, object] | None = None
        cells: dict[tuple[str, str, str], CellEvent] = {}
        known: tuple[ArtifactEvent, ...] = ()
        for number, raw in numbered:
            where = f"{self.path}:{number}"
            if footer is not None:
                raise TrailingLines(f"{where}: stands after the footer")
            line = _object(raw, where)
            if header is None:
                header, known = line, _artifacts(line, where)
                names = {artifact.id for artifact in known}
            elif line.get("type") == "footer":
                footer = line
            else:
                cell = _cell(line, where)
                if cell.identity in cells:
                    raise DuplicateCell(f"{where}: {cell.scenario}::{cell.case} on {cell.artifact} has a verdict already")
                if cell.artifact not in names:
                    raise UnknownArtifact(f"{where}: the header does not list {cell.artifact}")
                cells[cell.identity] = cell
        if header is None:
            raise EmptyEvents(f"{self.path}: is empty")
        if footer is None:
            raise MissingFooter(f"{self.path}: has no footer, so the run did not come to its end; run it again")
        return self._whole(header, footer, known, tuple(cells.values()))

    def _whole(self, header: Mapping[str, object], footer: Mapping[str, object], artifacts: tuple[ArtifactEvent, ...], cells: tuple[CellEvent, ...]) -> Run:
        top, end = f"{self.path}:1", f"{self.path}: footer"
        texts = {key: _string(header, key, top) for key in ("program", "reference", "suite", "scenarios", "replay", "started")}
        run = Run(
            artifacts=artifacts,
            cells=cells,
            not_run=_rows(footer, "not_run", end),
            problems=_rows(footer, "problems", end),
            seconds=_seconds(footer, end),
            shard=_shard(header["shard"], top) if "shard" in header else None,
            **texts,
        )
        if footer.get("counts") != run.counts:
            raise CountsDiffer(f"{self.path}: the footer counts {footer.get('counts')}, the cells say {dict(run.counts)}")
        return run


def _object(raw: bytes, where: str) -> dict[str, object]:
    try:
        line = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedLine(f"{where}: is not JSON: {error}") from None
    if not isinstance(line, dict):
        raise MalformedLine(f"{where}: is not a JSON object")
    return line


def _artifacts(line: Mapping[str, object], where: str) -> tuple[ArtifactEvent, ...]:
    if line.get("type") != "header":
        raise MissingHeader(f"{where}: the first line must be the header")
    if line.get("format") != VERSION or isinstance(line.get("format"), bool):
        raise UnknownVersion(f"{where}: format {line.get('format')!r}, this reader knows only {VERSION}")
    artifacts = tuple(_record(item, ("id", "sha256", "version"), where, ArtifactEvent) for item in _list(line, "artifacts", where))
    if len({artifact.id for artifact in artifacts}) != len(artifacts):
        raise DuplicateArtifact(f"{where}: lists an artifact twice")
    return artifacts


def _shard(item: object, where: str) -> ShardEvent:
    if not isinstance(item, dict):
        raise MalformedLine(f"{where}: shard is not a JSON object")
    index, of, cells = (_count(item, key, f"{where}: shard") for key in ("index", "of", "cells"))
    if not 1 <= index <= of:
        raise MalformedLine(f"{where}: there is no shard {index} of {of}")
    return ShardEvent(index, of, cells, _string(item, "sha256", f"{where}: shard"))


def _rows(table: Mapping[str, object], key: str, where: str) -> tuple[NotRunEvent, ...]:
    return tuple(_record(item, ("what", "why"), where, NotRunEvent) for item in _list(table, key, where))


def _record(item: object, keys: tuple[str, ...], where: str, make: Callable[..., T]) -> T:
    if not isinstance(item, dict):
        raise MalformedLine(f"{where}: {item!r} is not a JSON object")
    return make(*(_string(item, key, where) for key in keys))


def _cell(line: Mapping[str, object], where: str) -> CellEvent:
    if line.get("type") != "cell":
        raise MalformedLine(f'{where}: the type {line.get("type")!r} is neither "cell" nor "footer"')
    try:
        verdict = Verdict(line.get("verdict"))
    except ValueError:
        raise MalformedLine(f"{where}: {line.get('verdict')!r} is not a verdict") from None
    tolerated = line.get("tolerated", False)
    if not isinstance(tolerated, bool) or (tolerated and verdict is not Verdict.FAILED):
        raise MalformedLine(f"{where}: tolerated must be true or false, and only a failed cell can be")
    # Interned: thousands of cells share them, and each line brings its own copy.
    scenario, artifact, tier, level = (sys.intern(_string(line, key, where)) for key in ("scenario", "artifact", "tier", "level"))
    return CellEvent(
        scenario=scenario,
        case=_string(line, "case", where),
        artifact=artifact,
        tier=tier,
        level=level,
        verdict=verdict,
        seconds=_seconds(line, where),
        reason=_string(line, "reason", where) if "reason" in line else "",
        findings=tuple(_finding(item, where) for item in _list(line, "findings", where)) if "findings" in line else (),
        kept=_strings(line, "kept", where) if "kept" in line else (),
        tolerated=tolerated,
        perturbed=tuple(sys.intern(name) for name in _strings(line, "perturbed", where)) if "perturbed" in line else (),
    )


def _finding(item: object, where: str) -> FindingEvent:
    if not isinstance(item, dict):
        raise MalformedLine(f"{where}: a finding is not a JSON object")
    diff = _strings(item, "diff", where)
    step, aspect, message, at, check = (_string(item, key, where) for key in ("step", "aspect", "message", "at", "check"))
    return FindingEvent(step, aspect, message, at, check, diff)


def cell_from_json(line: Mapping[str, object]) -> CellEvent:
    """The inverse of ``cell_to_json``, as strict as the file reader."""
    return _cell(line, "cell event")


def _string(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise MalformedLine(f"{where}: {key} must be a string")
    return value


def _seconds(table: Mapping[str, object], where: str) -> float:
    value = table.get("seconds")
    # A number such as 1e999 is valid JSON and no time.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1e12:
        raise MalformedLine(f"{where}: seconds must be a number of seconds, 0 or more")
    return float(value)


def _count(table: Mapping[str, object], key: str, where: str) -> int:
    value = table.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedLine(f"{where}: {key} must be a whole number, 0 or more")
    return value


def _list(table: Mapping[str, object], key: str, where: str) -> list[object]:
    value = table.get(key)
    if not isinstance(value, list):
        raise MalformedLine(f"{where}: {key} must be a list")
    return value


def _strings(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = _list(table, key, where)
    if not all(isinstance(text, str) for text in value):
        raise MalformedLine(f"{where}: {key} must be a list of strings")
    return tuple(str(text) for text in value)
