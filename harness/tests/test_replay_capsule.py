"""A capsule comes back as it was written, and any other zip file is refused before anything of it reaches a disk."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from pathlib import Path, PurePath
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model.artifact import Artifact, Tree
from harness.model.observation import Exit, FileDelta, Observation
from harness.model.position import Position
from harness.model.traffic import Ending, Exchange, Piece
from harness.model.verdict import Finding
from harness.normalise.subject import Subject
from harness.replay import archive
from harness.replay.archive import read, write
from harness.replay.capsule import Capsule, CapsuleError
from harness.replay.document import from_document, to_document

SCHEMA = jsonschema.Draft202012Validator(json.loads((Path(__file__).parents[1] / "schema" / "capsule-1.json").read_text("utf-8")))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
WORD = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
PATHS = WORD.map(lambda word: Path("/srv") / word)
EXITS = st.one_of(st.none(), st.builds(Exit, code=st.integers(-(2**31), 2**31)), st.builds(Exit, signal=WORD))
FINDINGS = st.builds(Finding, TEXT, TEXT, TEXT, st.builds(Position, WORD.map(PurePath), st.integers(1, 9999), st.integers(1, 999)), TEXTS, TEXT)
ARTIFACTS = st.builds(
    Artifact, WORD, WORD, WORD, PATHS, WORD, st.just(0), TEXT, st.one_of(st.none(), st.builds(Tree, PATHS, st.just(""), st.just(0))), prefix=TEXTS
)
STREAMS = {"stdout": st.binary(max_size=9), "stderr": st.binary(max_size=9)}
COMMON = {
    "step": TEXT,
    "argv": TEXTS,
    "exit": EXITS,
    "screen": TEXT,
    "seconds": st.floats(0, 1000).map(lambda number: round(number, 6)),
    "timed_out": st.booleans(),
    "limit": TEXT,
    "cut": st.dictionaries(WORD, st.integers(0, 2**40), max_size=2),
    "files": st.builds(FileDelta, TEXTS, TEXTS, TEXTS),
    "orphans": TEXTS,
    "attempts": st.integers(0, 100),
}
OBSERVATIONS = st.one_of(st.builds(Observation, **COMMON, **STREAMS), st.builds(Observation, **COMMON, terminal=st.binary(max_size=9)))
EXCHANGES = st.builds(
    Exchange, TEXT, TEXT, st.just((("Host", "x"),)), st.binary(max_size=9), st.just((Piece(0.5, b"HTTP/1.1 200 OK\r\n\r\n"),)), st.sampled_from(Ending)
)


@st.composite
def capsules(draw: st.DrawFn) -> Capsule:
    artifact = draw(ARTIFACTS)
    servers = draw(st.lists(WORD, max_size=2, unique=True))
    subject = Subject(artifact, draw(PATHS), draw(PATHS), draw(PATHS), {name: f"http://127.0.0.1:{port}" for port, name in enumerate(servers, 4000)})
    return Capsule(
        program=draw(TEXT),
        scenario=draw(TEXT),
        case=draw(TEXT),
        verdict="failed",
        findings=tuple(draw(st.lists(FINDINGS, max_size=2))),
        subject=subject,
        sha256=artifact.sha256,
        environment=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        observations=tuple(draw(st.lists(OBSERVATIONS, max_size=3))),
        traffic={name: tuple(draw(st.lists(EXCHANGES, max_size=2))) for name in servers},
        sources={f"unit/{name}.toml": draw(st.binary(max_size=20)) for name in draw(st.lists(WORD, min_size=1, max_size=2, unique=True))},
        goldens=draw(st.dictionaries(WORD.map(lambda word: f"unit/{word}.stdout"), TEXT, max_size=2)),
    )


@settings(deadline=None, max_examples=80)
@given(capsules())
def test_a_capsule_comes_back_and_fits_its_schema(tmp_path_factory: pytest.TempPathFactory, capsule: Capsule) -> None:
    path = tmp_path_factory.getbasetemp() / "capsule.zip"
    write(path, capsule)
    assert read(path) == capsule
    first = path.read_bytes()
    write(path, capsule)
    assert path.read_bytes() == first
    SCHEMA.validate(to_document(capsule)[0])


def example() -> Capsule:
    """Small, with one of everything."""
    artifact = Artifact("jit", "jit", "linux-x64", Path("/opt/jit"), "0", 0, "1.0.0")
    return Capsule(
        "tool", "unit/a", "one", "failed", (Finding("go", "exit", "exit 1", Position(PurePath("x.toml"), 3), ("+ 1",), "exit"),),
        Subject(artifact, Path("/w"), Path("/h"), Path("/t"), {"plane": "http://127.0.0.1:4000"}), "0", {"TZ": "UTC"},
        (Observation("go", ("/opt/jit", "x"), Exit(code=1), b"out", b""),),
        {"plane": (Exchange("GET", "/", (), b"", (), Ending.SILENT),)}, {"unit/a.toml": b"format = 1\n"}, {"unit/a/one/go.stdout": "text\n"},
    )  # fmt: skip


def entries(capsule: Capsule, tmp_path: Path) -> dict[str, bytes]:
    write(tmp_path / "c.zip", capsule)
    with zipfile.ZipFile(tmp_path / "c.zip") as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(files: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files:
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def refusal(tmp_path: Path, raw: bytes) -> str:
    path = tmp_path / "given.zip"
    path.write_bytes(raw)
    with pytest.raises(CapsuleError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "raw/../../evil", "raw//x", "raw/a\\b", "raw/c:d", "raw/", "other/x", "evil", "capsule.json/x", "raw/\x01"]
)
def test_a_name_that_has_no_place_is_refused(tmp_path: Path, name: str) -> None:
    files = [*entries(example(), tmp_path).items(), (name, b"x")]
    assert "has no place in a capsule" in refusal(tmp_path, packed(files))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    files = [*entries(example(), tmp_path).items(), ("capsule.json", b"{}")]
    assert "is there twice" in refusal(tmp_path, packed(files))


@pytest.mark.parametrize(
    ("limit", "words"), [("MAX_ENTRY", "unpacks to more"), ("MAX_TOTAL", "unpacks to more"), ("MAX_ENTRIES", "more than"), ("MAX_FILE", "is larger")]
)
def test_limits_hold_whatever_the_headers_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, words: str) -> None:
    raw = packed([*entries(example(), tmp_path).items(), ("raw/bomb", b"\0" * 3_000_000)])
    assert len(raw) < 20_000
    monkeypatch.setattr(archive, limit, 2 if limit == "MAX_ENTRIES" else 1_000)
    assert words in refusal(tmp_path, raw)


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        (b'"format": 1', b'"format": 1, "format": 1', 'capsule.json is not JSON: key "format" occurs twice'),
        (b'"format": 1', b'"format": NaN', "capsule.json is not JSON: NaN is not a JSON number"),
        (b'"format": 1', b'"format": ' + b"[" * 100_000, "capsule.json is not JSON: "),
    ],
)
def test_json_that_two_readers_may_understand_in_two_ways_is_refused_and_the_file_named_once(tmp_path: Path, was: bytes, becomes: bytes, words: str) -> None:
    files = entries(example(), tmp_path)
    raw = packed([*{**files, "capsule.json": files["capsule.json"].replace(was, becomes, 1)}.items()])
    assert f"given.zip: {words}" in refusal(tmp_path, raw) and refusal(tmp_path, raw).count("given.zip") == 1


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip file", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    assert "given.zip: " in refusal(tmp_path, raw)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CapsuleError, match="cannot be read"):
        read(tmp_path / "nowhere.zip")


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_damaged_capsule_is_a_capsule_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    base = tmp_path_factory.getbasetemp()
    write(base / "whole.zip", example())
    raw = bytearray((base / "whole.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (base / "damaged.zip").write_bytes(raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw)
    try:
        assert isinstance(read(base / "damaged.zip"), Capsule)
    except CapsuleError:
        return


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXT, inner, max_size=2)),
    max_leaves=4,
)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_what_the_schema_refuses_the_reader_refuses_too(data: st.DataObject) -> None:
    capsule = example()
    document, raw = to_document(capsule)
    document = copy.deepcopy(document)
    places: list[Any] = [document, *(document[key] for key in ("artifact", "sandbox"))]
    findings, observations = document["findings"], document["observations"]
    assert isinstance(findings, list)
    assert isinstance(observations, list)
    places += [findings[0], observations[0], observations[0]["exit"], observations[0]["files"], observations[0]["raw"]]
    target = data.draw(st.sampled_from(places))
    target[data.draw(st.sampled_from([*sorted(target), "more"]))] = data.draw(VALUES)
    try:
        from_document(document, raw, capsule.traffic, capsule.sources, capsule.goldens)
    except CapsuleError:
        return
    SCHEMA.validate(document)
