"""What a run leaves for review: its deviating cases with everything that each artifact printed for a golden. A value, its writer, its strict reader.

A bundle is one file of JSON lines: a header, each text once, a line for every cell of a case in which something deviates, a footer that counts. It
holds whole texts, so that it can be taken to another machine and accepted there. It is written whole or not at all; any bytes are a bundle or a
``BundleError``. The lines are described by ``harness/schema/pending-1.json``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from harness import whole
from harness.model.verdict import Verdict
from harness.strict_json import no_constant, unique

FORMAT: Final = 1
NAME: Final = "pending.jsonl"
MAX_BYTES: Final = 512 * 1024 * 1024
MAX_LINE: Final = 64 * 1024 * 1024
MAX_LINES: Final = 400_000
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")


class BundleError(Exception):
    """The file is no bundle that can be trusted; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Build:
    """An artifact that the run tested."""

    id: str
    sha256: str
    version: str


@dataclass(frozen=True, slots=True)
class PendingUse:
    """How a cell used a golden. ``base`` is the digest of the golden then (None: there was none), ``text`` what was printed (None: the golden itself)."""

    key: str
    base: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class PendingCell:
    """One cell of a case in which some artifact deviates."""

    scenario: str
    case: str
    artifact: str
    verdict: Verdict
    planned: tuple[str, ...]
    """Every artifact that was to run the case."""
    uses: tuple[PendingUse, ...] = ()
    others: tuple[str, ...] = ()
    """Deviations that no golden can settle, one sentence each."""

    @property
    def name(self) -> str:
        return f"{self.scenario} :: {self.case}" if self.case else self.scenario


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one run left."""

    program: str
    reference: str
    artifacts: tuple[Build, ...]
    cells: tuple[PendingCell, ...]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write(path: Path, bundle: Bundle) -> None:
    """Written whole or not at all."""
    with whole.replacing(path) as file:
        file.writelines(json.dumps(line).encode() + b"\n" for line in _lines(bundle))


def _lines(bundle: Bundle) -> Iterator[Mapping[str, object]]:
    artifacts = [{"id": a.id, "sha256": a.sha256, "version": a.version} for a in bundle.artifacts]
    yield {"type": "header", "format": FORMAT, "program": bundle.program, "reference": bundle.reference, "artifacts": artifacts}
    known: set[str] = set()
    cells = sorted(bundle.cells, key=lambda cell: (cell.scenario, cell.case, cell.artifact))
    for cell in cells:
        for text in (use.text for use in cell.uses if use.text is not None):
            if (name := digest(text)) not in known:
                known.add(name)
                yield {"type": "text", "sha256": name, "text": text}
    for cell in cells:
        yield {
            "type": "cell",
            "scenario": cell.scenario,
            "case": cell.case,
            "artifact": cell.artifact,
            "verdict": cell.verdict.value,
            "planned": list(cell.planned),
            "uses": [{"key": use.key, "base": use.base, "text": None if use.text is None else digest(use.text)} for use in cell.uses],
            "others": list(cell.others),
        }
    yield {"type": "footer", "cells": len(cells), "texts": len(known)}


def read_file(path: Path) -> Bundle:
    """The bundle of a file on disk."""
    try:
        with path.open("rb") as file:
            return read(str(path), iter(lambda: file.readline(MAX_LINE + 1), b""))
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror}") from None


def read(name: str, lines: Iterable[bytes]) -> Bundle:
    """The bundle of the lines of a file called ``name``."""
    reader = _Reader(name)
    total = 0
    for number, raw in enumerate(lines, start=1):
        total += len(raw)
        if len(raw) > MAX_LINE or total > MAX_BYTES or number > MAX_LINES:
            raise BundleError(f"{name}:{number}: is beyond the limits of {MAX_LINE >> 20} MiB a line, {MAX_BYTES >> 20} MiB and {MAX_LINES} lines")
        reader.line(number, raw)
    return reader.bundle()


class _Reader:
    """Takes line after line; each kind of line has its place in the order header, texts, cells, footer."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._where = name
        self._texts: dict[str, str] = {}
        self._cells: dict[tuple[str, str, str], PendingCell] = {}
        self._header: dict[str, object] | None = None
        self._artifacts: tuple[Build, ...] = ()
        self._ended = False

    def line(self, number: int, raw: bytes) -> None:
        self._where = f"{self._name}:{number}"
        value = self._object(raw)
        kind = value.get("type")
        if self._ended:
            self._fail("stands after the footer")
        if (self._header is None) != (kind == "header"):
            self._fail("the header, and only the header, is the first line")
        if kind == "header":
            self._read_header(value)
        elif kind == "text" and not self._cells:
            self._read_text(value)
        elif kind == "cell":
            self._read_cell(value)
        elif kind == "footer":
            self._keys(value, "cells", "texts")
            self._ended = True
            counts = (value["cells"], value["texts"])
            if counts != (len(self._cells), len(self._texts)) or not all(type(count) is int for count in counts):
                self._fail(f"counts {value['cells']!r:.20} cells and {value['texts']!r:.20} texts, there are {len(self._cells)} and {len(self._texts)}")
        else:
            self._fail(f"a line of the type {kind!r:.40} has no place here")

    def bundle(self) -> Bundle:
        if self._header is None or not self._ended:
            raise BundleError(f"{self._name}: has no {'footer' if self._header else 'header'}, so it is not whole; run again")
        return Bundle(self._text(self._header, "program"), self._text(self._header, "reference"), self._artifacts, tuple(self._cells.values()))

    def _object(self, raw: bytes) -> dict[str, object]:
        try:
            value = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
        except (ValueError, RecursionError) as error:
            self._fail(f"is not JSON: {error}")
        if not isinstance(value, dict):
            self._fail("is not a JSON object")
        return value

    def _read_header(self, value: dict[str, object]) -> None:
        if value.get("format") != FORMAT or isinstance(value.get("format"), bool):
            self._fail(f"format {value.get('format')!r:.40} is unknown, this version reads {FORMAT}")
        self._keys(value, "format", "program", "reference", "artifacts")
        self._header = value
        self._artifacts = tuple(self._artifact(item) for item in self._list(value, "artifacts"))
        if len({artifact.id for artifact in self._artifacts}) != len(self._artifacts):
            self._fail("lists an artifact twice")
        self._text(value, "program")
        self._text(value, "reference")

    def _artifact(self, item: object) -> Build:
        if not isinstance(item, dict) or item.keys() != {"id", "sha256", "version"}:
            self._fail("an artifact has id, sha256 and version")
        return Build(self._text(item, "id"), self._text(item, "sha256"), self._text(item, "version"))

    def _read_text(self, value: dict[str, object]) -> None:
        self._keys(value, "sha256", "text")
        text = self._text(value, "text")
        if digest(text) != value["sha256"]:
            self._fail("the text does not have this digest")
        if not _encodable(text):
            self._fail("the text cannot be written as UTF-8")
        if digest(text) in self._texts:
            self._fail("the text is there already")
        self._texts[digest(text)] = text

    def _read_cell(self, value: dict[str, object]) -> None:
        self._keys(value, "scenario", "case", "artifact", "verdict", "planned", "uses", "others")
        try:
            verdict = Verdict(value["verdict"])
        except ValueError:
            self._fail(f"{value['verdict']!r:.40} is not a verdict")
        scenario, case, artifact = (self._text(value, key) for key in ("scenario", "case", "artifact"))
        if artifact not in {tested.id for tested in self._artifacts}:
            self._fail(f"the header does not list the artifact {artifact:.80}")
        uses = tuple(self._use(item, scenario) for item in self._list(value, "uses"))
        if len({use.key for use in uses}) != len(uses):
            self._fail("uses a golden twice")
        planned, others = (self._texts_of(value, key) for key in ("planned", "others"))
        if artifact not in planned or (scenario, case, artifact) in self._cells:
            self._fail(f"{scenario:.80} :: {case:.80} on {artifact:.80} was not planned, or is there twice")
        self._cells[scenario, case, artifact] = PendingCell(scenario, case, artifact, verdict, planned, uses, others)

    def _use(self, item: object, scenario: str) -> PendingUse:
        if not isinstance(item, dict) or item.keys() != {"key", "base", "text"}:
            self._fail("a use has key, base and text")
        key, base, name = self._text(item, "key"), item["base"], item["text"]
        if not _is_key(key) or not key.startswith(f"{scenario}/"):
            self._fail(f"{key!r:.80} is not the key of a golden of {scenario:.80}")
        if base is not None and not (isinstance(base, str) and _DIGEST.match(base)):
            self._fail("base is a digest or null")
        if name is not None and (not isinstance(name, str) or name not in self._texts):
            self._fail(f"there is no text {name!r:.80}")
        if name is None and base is None:
            self._fail("a golden that is not there cannot have been printed")
        return PendingUse(key, base, None if name is None else self._texts[name])

    def _keys(self, value: Mapping[str, object], *keys: str) -> None:
        if value.keys() != {"type", *keys}:
            self._fail(f"a line of this type has exactly the keys type, {', '.join(keys)}")

    def _text(self, table: Mapping[str, object], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str):
            self._fail(f"{key} must be a text")
        return value

    def _list(self, table: Mapping[str, object], key: str) -> list[object]:
        value = table.get(key)
        if not isinstance(value, list):
            self._fail(f"{key} must be a list")
        return value

    def _texts_of(self, table: Mapping[str, object], key: str) -> tuple[str, ...]:
        items = self._list(table, key)
        if not all(isinstance(item, str) for item in items):
            self._fail(f"{key} must be a list of texts")
        return tuple(str(item) for item in items)

    def _fail(self, text: str) -> NoReturn:
        raise BundleError(f"{self._where}: {text}")


def _is_key(key: str) -> bool:
    """A key is a path below the goldens, made by others: it must not lead anywhere else."""
    parts = key.split("/")
    return len(key) <= 1000 and key.isprintable() and not any(part.startswith(".") or not part or "\\" in part or ":" in part for part in parts)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
