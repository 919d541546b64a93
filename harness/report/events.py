"""The results of a run as JSON lines: a header, one line per cell, a footer; written whole or not at all, read strictly.

The order of the cells depends on their names only, so two runs over the same artifacts differ in nothing but the seconds. A reader either
gets everything or one of these errors, because a report built on a file that cannot be trusted is worse than none::

    EventsError
    ├── EmptyEvents          nothing was written
    ├── MalformedLine        a line is not an event of this format
    ├── UnknownVersion       the header names another format
    ├── MissingHeader        the first line is not the header
    ├── MissingFooter        the run did not come to its end
    ├── TrailingLines        something stands after the footer
    ├── DuplicateCell        two verdicts for one case on one artifact
    ├── UnknownArtifact      a cell on an artifact that the header does not list
    └── CountsDiffer         the footer counts other verdicts than the cells have
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

from harness.model.artifact import Artifact
from harness.model.verdict import CellResult, Verdict

FORMAT = 1
MAX_LINE = 16 * 1024 * 1024
T = TypeVar("T")


class EventsError(Exception):
    """The event file cannot be trusted; the text says where and why."""


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


class DuplicateCell(EventsError):
    """Two verdicts for one case on one artifact."""


class UnknownArtifact(EventsError):
    """A cell on an artifact that the header does not list."""


class CountsDiffer(EventsError):
    """The footer counts other verdicts than the cells have."""


@dataclass(frozen=True, slots=True)
class ArtifactEvent:
    """An artifact as the header names it."""

    id: str
    sha256: str
    version: str


@dataclass(frozen=True, slots=True)
class FindingEvent:
    """A finding without its objects: the place is text."""

    step: str
    aspect: str
    message: str
    at: str
    check: str = ""
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellEvent:
    """The verdict of one case on one artifact."""

    scenario: str
    case: str
    artifact: str
    tier: str
    level: str
    verdict: Verdict
    seconds: float = 0.0
    reason: str = ""
    findings: tuple[FindingEvent, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.scenario, self.case, self.artifact)


@dataclass(frozen=True, slots=True)
class NotRunEvent:
    """Something that a reader may look for and will not find, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run."""

    program: str
    artifacts: tuple[ArtifactEvent, ...]
    cells: tuple[CellEvent, ...]
    not_run: tuple[NotRunEvent, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cells have each verdict; every verdict is present."""
        counted = Counter(cell.verdict for cell in self.cells)
        return {verdict.value: counted[verdict] for verdict in Verdict}


def artifact_event(artifact: Artifact) -> ArtifactEvent:
    return ArtifactEvent(artifact.id, artifact.sha256, artifact.version)


def cell_event(result: CellResult, *, tier: str, level: str) -> CellEvent:
    """The event of a result; the bytes of its observations stay behind."""
    findings = tuple(FindingEvent(f.step, f.aspect, f.message, str(f.position), f.check, f.diff) for f in result.findings)
    seconds = round(result.seconds, 6)
    return CellEvent(result.scenario, result.case, result.artifact, tier, level, result.verdict, seconds, result.reason, findings)


def cell_to_json(cell: CellEvent) -> dict[str, object]:
    """A line's object; empty reason and findings are left out."""
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
    if cell.findings:
        line["findings"] = [
            {"step": f.step, "aspect": f.aspect, "message": f.message, "at": f.at, "check": f.check, "diff": list(f.diff)} for f in cell.findings
        ]
    return line


def write(path: Path, run: Run) -> None:
    """Write the file under a temporary name and rename it: a reader sees the old one or the whole new one."""
    lines: list[Mapping[str, object]] = [
        {
            "format": FORMAT,
            "type": "header",
            "program": run.program,
            "artifacts": [{"id": a.id, "sha256": a.sha256, "version": a.version} for a in run.artifacts],
        }
    ]
    lines += [cell_to_json(cell) for cell in sorted(run.cells, key=lambda cell: cell.identity)]
    lines.append({"type": "footer", "counts": dict(run.counts), "not_run": [{"what": row.what, "why": row.why} for row in _sorted(run.not_run)]})
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    # A lone surrogate (an argument or a path that is not UTF-8) becomes the escape that JSON has for it.
    with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    temporary.replace(path)


def _sorted(rows: Iterable[NotRunEvent]) -> list[NotRunEvent]:
    return sorted(rows, key=lambda row: (row.what, row.why))


def read(path: Path) -> Run:
    """The run that ``path`` records; an ``EventsError`` when it does not record one completely."""
    with path.open("rb") as file:
        return _Reader(path).run(_lines(path, file.readline))


def _lines(path: Path, next_line: Callable[[int], bytes]) -> Iterable[tuple[int, bytes]]:
    number = 0
    while raw := next_line(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise MalformedLine(f"{path}:{number}: is longer than {MAX_LINE // 1024 // 1024} MiB")
        yield number, raw


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path

    def run(self, lines: Iterable[tuple[int, bytes]]) -> Run:
        header: dict[str, object] | None = None
        footer: dict[str, object] | None = None
        cells: dict[tuple[str, str, str], CellEvent] = {}
        artifacts: tuple[ArtifactEvent, ...] = ()
        for number, raw in lines:
            where = f"{self.path}:{number}"
            if footer is not None:
                raise TrailingLines(f"{where}: stands after the footer")
            line = _object(raw, where)
            if header is None:
                header, artifacts = line, _header(line, where)
            elif line.get("type") == "footer":
                footer = line
            else:
                cell = _cell(line, where)
                if cell.identity in cells:
                    raise DuplicateCell(f"{where}: {cell.scenario}::{cell.case} on {cell.artifact} has a verdict already")
                if cell.artifact not in {artifact.id for artifact in artifacts}:
                    raise UnknownArtifact(f"{where}: the header does not list {cell.artifact}")
                cells[cell.identity] = cell
        if header is None:
            raise EmptyEvents(f"{self.path}: is empty")
        if footer is None:
            raise MissingFooter(f"{self.path}: has no footer, so the run did not come to its end; run it again")
        not_run = tuple(_not_run(row, f"{self.path}: footer") for row in _list(footer, "not_run", f"{self.path}: footer"))
        run = Run(_string(header, "program", str(self.path)), artifacts, tuple(cells.values()), not_run)
        if footer.get("counts") != run.counts:
            raise CountsDiffer(f"{self.path}: the footer counts {footer.get('counts')}, the cells say {dict(run.counts)}")
        return run


def _object(raw: bytes, where: str) -> dict[str, object]:
    try:
        line = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedLine(f"{where}: is not JSON: {error}") from None
    if not isinstance(line, dict):
        raise MalformedLine(f"{where}: is not a JSON object")
    return line


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _header(line: Mapping[str, object], where: str) -> tuple[ArtifactEvent, ...]:
    if line.get("type") != "header":
        raise MissingHeader(f"{where}: the first line must be the header")
    if line.get("format") != FORMAT or isinstance(line.get("format"), bool):
        raise UnknownVersion(f"{where}: format {line.get('format')!r}, this reader knows only {FORMAT}")
    return tuple(_record(item, ("id", "sha256", "version"), where, ArtifactEvent) for item in _list(line, "artifacts", where))


def _not_run(item: object, where: str) -> NotRunEvent:
    return _record(item, ("what", "why"), where, NotRunEvent)


def _record(item: object, keys: tuple[str, ...], where: str, make: Callable[..., T]) -> T:
    if not isinstance(item, dict):
        raise MalformedLine(f"{where}: {item!r} is not a JSON object")
    return make(*(_string(item, key, where) for key in keys))


def _cell(line: Mapping[str, object], where: str) -> CellEvent:
    if line.get("type") != "cell":
        raise MalformedLine(f'{where}: the type {line.get("type")!r} is neither "cell" nor "footer"')
    seconds = line.get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise MalformedLine(f"{where}: seconds must be a number")
    try:
        verdict = Verdict(line.get("verdict"))
    except ValueError:
        raise MalformedLine(f"{where}: {line.get('verdict')!r} is not a verdict") from None
    names = [_string(line, key, where) for key in ("scenario", "case", "artifact", "tier", "level")]
    findings = tuple(_finding(item, where) for item in _list(line, "findings", where)) if "findings" in line else ()
    reason = _string(line, "reason", where) if "reason" in line else ""
    return CellEvent(names[0], names[1], names[2], names[3], names[4], verdict, float(seconds), reason, findings)


def _finding(item: object, where: str) -> FindingEvent:
    if not isinstance(item, dict):
        raise MalformedLine(f"{where}: a finding is not a JSON object")
    diff = _list(item, "diff", where)
    if not all(isinstance(text, str) for text in diff):
        raise MalformedLine(f"{where}: diff must be a list of strings")
    step, aspect, message, at, check = (_string(item, key, where) for key in ("step", "aspect", "message", "at", "check"))
    return FindingEvent(step, aspect, message, at, check, tuple(str(text) for text in diff))


def cell_from_json(line: Mapping[str, object]) -> CellEvent:
    """The inverse of ``cell_to_json``, as strict as the file reader."""
    return _cell(line, "cell event")


def _string(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise MalformedLine(f"{where}: {key} must be a string")
    return value


def _list(table: Mapping[str, object], key: str, where: str) -> list[object]:
    value = table.get(key)
    if not isinstance(value, list):
        raise MalformedLine(f"{where}: {key} must be a list")
    return value
