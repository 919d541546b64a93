"""Every golden that is written says where it comes from; the index changes where a golden does, and a broken one loses nothing."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugin_project import ECHO, RECORDED, Project, project
from typer.testing import CliRunner

from harness.cli import app
from harness.review.origins import NAME, Origin, Origins, OriginsError, origin_of

pytest_plugins = ["pytester"]
__all__ = ["project"]
SCHEMA = json.loads((Path(__file__).parents[1] / "schema" / "origins-1.json").read_text())
A, B = Origin("native-linux-x64", "1.0.0"), Origin("jit-linux-x64", "")
OTHER = ECHO.replace("*)", 'second) echo "zweitens" ;;\n  *)').replace("1.0.0", "2.0.0")


def test_what_is_recorded_is_told_until_the_golden_is_another_one(tmp_path: Path) -> None:
    origins = Origins(tmp_path)
    assert (origins.of("a", "x"), origins.sentence("a", "x")) == (None, "")
    origins.record({"a": ("x", A), "b": ("y", B)})
    assert (Origins(tmp_path).of("a", "x"), Origins(tmp_path).of("a", "changed by hand")) == (A, None)
    assert (origins.sentence("a", "x"), origins.sentence("b", "y")) == ("recorded from native-linux-x64, 1.0.0", "recorded from jit-linux-x64")
    origins.record({}, ["a", "never there"])
    assert (origins.of("a", "x"), origins.of("b", "y")) == (None, B)
    origins.record({}, ["b"])
    assert list(tmp_path.iterdir()) == []


def test_a_line_changes_only_with_its_golden(tmp_path: Path) -> None:
    origins = Origins(tmp_path)
    origins.record({f"scenario/{number:02}.stdout": ("x", A) for number in range(20)})
    before = (tmp_path / NAME).read_text().splitlines()
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads((tmp_path / NAME).read_text()))
    origins.record({"scenario/07.stdout": ("y", B)})
    after = (tmp_path / NAME).read_text().splitlines()
    assert [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new] == [8]


def test_the_reference_is_named_when_it_is_among_those_that_agree() -> None:
    versions = {"a": "1", "r": "2"}
    assert origin_of(("a", "r"), "r", versions) == Origin("r", "2")
    assert origin_of(("b", "a"), "r", versions) == Origin("a", "1")
    assert origin_of((), "r", {}) == Origin("r", "")


LINE = {"sha256": "0" * 16, "artifact": "a", "version": "1"}
BROKEN = {
    "not json": b"<<<<<<< ours\n",
    "not utf-8": b"\xff",
    "a list": b"[]",
    "another format": b'{"format": 2, "goldens": {}}',
    "a flag for a format": b'{"format": true, "goldens": {}}',
    "more keys": b'{"format": 1, "goldens": {}, "x": 1}',
    "a text for a line": b'{"format": 1, "goldens": {"a": "x"}}',
    "no version": json.dumps({"format": 1, "goldens": {"a": {"sha256": "0" * 16, "artifact": "a"}}}).encode(),
    "no digest": json.dumps({"format": 1, "goldens": {"a": {**LINE, "sha256": "xyz"}}}).encode(),
    "a line end": json.dumps({"format": 1, "goldens": {"a": {**LINE, "version": "1\n2"}}}).encode(),
    "twice": b'{"format": 1, "goldens": {"a": {}, "a": {}}}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_index_is_named_and_never_written_over(data: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(data)
    with pytest.raises(OriginsError, match="mend it, or remove it"):
        Origins(tmp_path).record({"a": ("x", A)})
    assert (tmp_path / NAME).read_bytes() == data
    assert "mend it, or remove it" in Origins(tmp_path).sentence("a", "x")


PLAIN = st.none() | st.text(max_size=5) | st.integers()
VALUES = st.recursive(PLAIN, lambda inner: st.dictionaries(st.sampled_from(["format", "goldens", "a", *LINE]), inner))


@settings(deadline=None)
@given(st.binary(max_size=100) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_index_or_an_error(data: bytes) -> None:
    with TemporaryDirectory() as folder, contextlib.suppress(OriginsError):
        (Path(folder) / NAME).write_bytes(data)
        assert Origins(Path(folder)).of("a", "x") is None


@pytest.fixture
def recorded(project: Project) -> Project:
    project.artifact("native-linux-x64")
    project.artifact("jit-linux-x64")
    project.scenario("unit/recorded", RECORDED)
    project.run("--snapshot-update")
    return project


def index(project: Project) -> dict[str, str]:
    goldens = json.loads((project.root / "snapshots" / NAME).read_text())["goldens"]
    return {key: f"{line['artifact']} {line['version']}" for key, line in goldens.items()}


def test_an_update_notes_it_and_a_failure_tells_it(recorded: Project) -> None:
    assert index(recorded) == {"unit/recorded/first.stdout": "native-linux-x64 1.0.0", "unit/recorded/second.stdout": "native-linux-x64 1.0.0"}
    untouched = (recorded.root / "snapshots" / NAME).stat().st_mtime_ns
    assert recorded.run("--snapshot-update").ret == pytest.ExitCode.OK, "the index is no golden that nobody uses"
    assert (recorded.root / "snapshots" / NAME).stat().st_mtime_ns == untouched
    recorded.artifact("jit-linux-x64", OTHER, version="2.0.0")
    recorded.run().stdout.fnmatch_lines(["      golden of second.stdout: recorded from native-linux-x64, 1.0.0"])
    # By hand: then nobody knows, and it is no mistake.
    recorded.file("snapshots/unit/recorded/second.stdout", "mine\n")
    recorded.run().stdout.no_fnmatch_line("*recorded from*")


def test_review_tells_it_and_notes_the_new_one(recorded: Project) -> None:
    for identity in ("native-linux-x64", "jit-linux-x64"):
        recorded.artifact(identity, OTHER, version="2.0.0")
    recorded.run()
    places = ["--from", str(recorded.root / ".harness" / "last"), "--snapshots", str(recorded.root / "snapshots")]
    listed = CliRunner().invoke(app, ["review", *places, "--list"]).output
    assert "    the golden was recorded from native-linux-x64, 1.0.0\n      - second\n      + zweitens" in listed, listed
    assert CliRunner().invoke(app, ["review", *places, "--accept", "all"]).exit_code == 0
    assert index(recorded) == {"unit/recorded/first.stdout": "native-linux-x64 1.0.0", "unit/recorded/second.stdout": "native-linux-x64 2.0.0"}


def test_review_names_a_broken_index_and_shows_the_difference(recorded: Project) -> None:
    for identity in ("native-linux-x64", "jit-linux-x64"):
        recorded.artifact(identity, OTHER, version="2.0.0")
    recorded.run()
    recorded.file(f"snapshots/{NAME}", "<<<<<<< ours")
    places = ["--from", str(recorded.root / ".harness" / "last"), "--snapshots", str(recorded.root / "snapshots")]
    lines = CliRunner().invoke(app, ["review", *places, "--list"]).output.splitlines()
    (named,) = (number for number, line in enumerate(lines) if NAME in line)
    assert lines[named].startswith("    ") and "was" not in lines[named], lines
    assert [line.strip() for line in lines[named + 1 : named + 3]] == ["- second", "+ zweitens"]


def test_a_golden_that_is_removed_loses_its_line(recorded: Project) -> None:
    recorded.scenario("unit/recorded", RECORDED[: RECORDED.rindex("[[step]]")])
    recorded.run("--snapshot-update")
    assert list(index(recorded)) == ["unit/recorded/first.stdout"]


def test_a_broken_index_turns_an_update_red_and_keeps_the_goldens(recorded: Project) -> None:
    for identity in ("native-linux-x64", "jit-linux-x64"):
        recorded.artifact(identity, OTHER, version="2.0.0")
    recorded.file(f"snapshots/{NAME}", "<<<<<<< ours")
    result = recorded.run("--snapshot-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"golden   not written: {NAME}: *{NAME}: is not JSON: *mend it, or remove it*"])
    assert recorded.golden("unit/recorded/second.stdout") == "zweitens\n"
