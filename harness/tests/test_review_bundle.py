"""A bundle comes back as it was written; what cannot be trusted is refused with its place, whatever the bytes, the folder or the zip file."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model.verdict import Verdict
from harness.plugin.goldens import GoldenError, GoldenStore
from harness.review import bundle as module
from harness.review import sources
from harness.review.bundle import NAME, Build, Bundle, BundleError, PendingCell, PendingUse, digest, read, read_file, write
from harness.review.decisions import accept
from harness.review.groups import Change, Group, State
from harness.review.sources import bundles

SCHEMA = jsonschema.Draft202012Validator(json.loads((Path(__file__).parents[1] / "schema" / "pending-1.json").read_text("utf-8")))
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
WORD = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
BASES = st.one_of(st.none(), TEXT.map(digest))


@st.composite
def bundles_(draw: st.DrawFn) -> Bundle:
    artifacts = tuple(Build(name, draw(TEXT), draw(TEXT)) for name in draw(st.lists(WORD, min_size=1, max_size=3, unique=True)))
    cells = {}
    for _ in range(draw(st.integers(0, 4))):
        scenario, case, artifact = f"unit/{draw(WORD)}", draw(TEXT), draw(st.sampled_from(artifacts)).id
        uses = []
        for name in draw(st.lists(WORD, max_size=2, unique=True)):
            base = draw(BASES)
            uses.append(PendingUse(f"{scenario}/{name}.stdout", base, draw(TEXT if base is None else st.one_of(st.none(), TEXT))))
        others = tuple(draw(st.lists(TEXT, max_size=2)))
        cells[scenario, case, artifact] = PendingCell(scenario, case, artifact, draw(st.sampled_from(Verdict)), (artifact,), tuple(uses), others)
    return Bundle(draw(TEXT), draw(WORD), artifacts, tuple(cells.values()))


@settings(deadline=None, max_examples=100)
@given(bundles_())
def test_a_bundle_comes_back_and_fits_its_schema(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> None:
    path = tmp_path_factory.getbasetemp() / NAME
    write(path, bundle)
    back = read_file(path)
    key = lambda cell: (cell.scenario, cell.case, cell.artifact)  # noqa: E731 - used twice, here only
    assert back == Bundle(bundle.program, bundle.reference, bundle.artifacts, tuple(sorted(bundle.cells, key=key)))
    for line in path.read_text("utf-8").splitlines():
        SCHEMA.validate(json.loads(line))


CELL: dict[str, Any] = {
    "type": "cell", "scenario": "unit/a", "case": "one", "artifact": "jit", "verdict": "failed", "planned": ["jit"],
    "uses": [{"key": "unit/a/one/go.stdout", "base": None, "text": digest("new")}], "others": [],
}  # fmt: skip
LINES: list[dict[str, Any]] = [
    {"type": "header", "format": 1, "program": "tool", "reference": "native", "artifacts": [{"id": "jit", "sha256": "0", "version": "1"}]},
    {"type": "text", "sha256": digest("new"), "text": "new"},
    CELL,
    {"type": "footer", "cells": 1, "texts": 1},
]


def stored(lines: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(line).encode() + b"\n" for line in lines]


def changed(number: int, *path: str | int, value: object) -> list[dict[str, Any]]:
    lines = copy.deepcopy(LINES)
    target: Any = lines[number]
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    return lines


def test_the_plain_example_is_read() -> None:
    assert read("x", stored(LINES)).cells[0].uses[0].text == "new"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "x: has no header"),
        (LINES[:3], "x: has no footer"),
        (LINES[1:], "x:1: the header, and only the header"),
        ([LINES[0], *LINES], "x:2: the header, and only the header"),
        ([*LINES, LINES[1]], "x:5: stands after the footer"),
        ([LINES[0], LINES[2], LINES[1], LINES[3]], "there is no text"),
        ([*LINES[:2], CELL, LINES[1], LINES[3]], "has no place here"),
        ([*LINES[:2], CELL, CELL, LINES[3]], "is there twice"),
        (changed(0, "format", value=2), "format 2 is unknown"),
        (changed(0, "format", value=True), "format True is unknown"),
        (changed(0, "more", value=1), "exactly the keys"),
        (changed(0, "artifacts", value=[]), "does not list the artifact jit"),
        (changed(1, "text", value="old"), "does not have this digest"),
        (changed(2, "verdict", value="fine"), "'fine' is not a verdict"),
        (changed(2, "planned", value=[]), "was not planned"),
        (changed(2, "uses", 0, "key", value="unit/a/../../../etc/passwd"), "not the key of a golden"),
        (changed(2, "uses", 0, "key", value="/etc/passwd"), "not the key of a golden"),
        (changed(2, "uses", 0, "key", value="unit/b/go.stdout"), "not the key of a golden of unit/a"),
        (changed(2, "uses", 0, "base", value="x"), "base is a digest"),
        (changed(2, "uses", 0, "text", value=None), "cannot have been printed"),
        (changed(3, "cells", value=2), "counts 2 cells"),
    ],
)
def test_what_cannot_be_trusted_is_refused(lines: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(BundleError) as caught:
        read("x", stored(lines))
    assert words in str(caught.value)


PARTS = st.sampled_from([*stored(LINES), b"{}\n", b"[]\n", b"{", b"\xff\n", b"\n", b'{"type":"cell"}\n', b"9" * 5000 + b"\n", b"[" * 3000 + b"\n"])


@settings(deadline=None)
@given(st.one_of(st.lists(PARTS, max_size=7), st.lists(st.binary(max_size=40), max_size=4)))
def test_any_lines_are_a_bundle_or_an_error(lines: list[bytes]) -> None:
    try:
        assert isinstance(read("x", lines), Bundle)
    except BundleError:
        return


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.lists(TEXT, max_size=2), st.dictionaries(TEXT, TEXT, max_size=2))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_what_the_schema_refuses_the_reader_refuses_too(data: st.DataObject) -> None:
    lines = copy.deepcopy(LINES)
    target: Any = data.draw(st.sampled_from([lines[0], lines[0]["artifacts"][0], lines[1], lines[2], lines[2]["uses"][0], lines[3]]))
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(VALUES)
    try:
        read("x", stored(lines))
    except BundleError:
        return
    for line in lines:
        SCHEMA.validate(line)


@pytest.mark.parametrize("name", ["MAX_LINE", "MAX_BYTES", "MAX_LINES"])
def test_limits_hold(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(module, name, 2)
    with pytest.raises(BundleError, match="is beyond the limits"):
        read("x", stored(LINES))


def archive(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return buffer.getvalue()


def test_a_folder_a_file_and_a_zip_file_hold_the_same(tmp_path: Path) -> None:
    raw = b"".join(stored(LINES))
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / NAME).write_bytes(raw)
    (tmp_path / "ci.zip").write_bytes(archive({f"last/{NAME}": raw, "last/events.jsonl": b"else", "../../evil": b"x"}))
    expected = bundles(tmp_path / "deep" / "er" / NAME)
    assert bundles(tmp_path / "deep") == bundles(tmp_path / "ci.zip") == expected
    assert not (tmp_path.parent.parent / "evil").exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "holds no pending.jsonl"),
        (lambda path: path.write_bytes(archive({"other": b"x"})), "holds no pending.jsonl"),
        (lambda path: path.write_bytes(b"PK\x03\x04 not a zip file"), ":1: is not JSON"),
        (lambda path: path.write_bytes(archive({NAME: b"".join(stored(LINES))})[:-30]), ":1: is not JSON"),
        (lambda path: path.write_bytes(b""), "has no header"),
        (lambda path: None, "there is nothing there"),
    ],
)
def test_a_place_without_a_bundle_is_an_error(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    make(tmp_path / "place")
    with pytest.raises(BundleError, match=words):
        bundles(tmp_path / "place")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE", 1000)
    monkeypatch.setattr(module, "MAX_LINE", 1000)
    (tmp_path / "bomb.zip").write_bytes(archive({NAME: b" " * 5_000_000}))
    with pytest.raises(BundleError, match="is beyond the limits"):
        bundles(tmp_path / "bomb.zip")


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_zip_file_is_a_bundle_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    raw = bytearray(archive({f"a/{NAME}": b"".join(stored(LINES))}))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(raw)
    try:
        assert bundles(path)
    except BundleError:
        return


def test_a_golden_that_changes_between_looking_and_deciding_is_left_alone(tmp_path: Path) -> None:
    store = GoldenStore(tmp_path)
    store.write("unit/a/go.stdout", "somebody else was faster\n")
    changes = (Change("unit/a/go.stdout", None, "new\n"), Change("unit/b/go.stdout", None, "new\n"))
    group = Group("0" * 8, State.PENDING, (), changes, tuple(change.key for change in changes), ("jit",))
    outcome = accept([group], store, GoldenError)
    assert (outcome.written, outcome.refused) == ((), (("00000000", "a golden has changed while this was being decided; look again"),))
    assert sorted(store.keys()) == ["unit/a/go.stdout"]
