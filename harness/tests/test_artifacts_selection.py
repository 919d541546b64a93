"""Which artifacts a run tests, and the proof that they are the published ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.artifacts import ArtifactError, Digests, NotRun, read, select, verify, version_probe
from harness.model.artifact import Artifact, ArtifactSet, Tree


def artifact(name: str, **changes: object) -> Artifact:
    kind, _, target = name.partition("-")
    plain = Artifact(id=name, kind=kind, target=target, path=Path("/x"), sha256="0" * 64, size=0, version="1.4.0")
    return replace(plain, **changes)  # type: ignore[arg-type]  # keywords of the test


ALL = ArtifactSet(
    program="tool",
    reference="native-linux-x64",
    artifacts=(artifact("native-linux-x64"), artifact("frozen-linux-x64"), artifact("native-win-x64"), artifact("reflective-linux-x64", development=True)),
    path=Path("dist/artifacts.json"),
)


def obstacle(item: Artifact) -> str | None:
    return None if item.target == "linux-x64" else f"{item.target} does not run here"


@pytest.mark.parametrize(
    ("patterns", "ids"),
    [
        ((), ["native-linux-x64", "frozen-linux-x64"]),
        (("default",), ["native-linux-x64", "frozen-linux-x64"]),
        (("all",), ["native-linux-x64", "frozen-linux-x64", "reflective-linux-x64"]),
        (("native-*",), ["native-linux-x64"]),
        (("reflective-linux-x64", "frozen-*"), ["frozen-linux-x64", "reflective-linux-x64"]),
    ],
)
def test_selection_keeps_the_order_of_the_list(patterns: tuple[str, ...], ids: list[str]) -> None:
    assert [item.id for item in select(ALL, patterns, obstacle).artifacts] == ids


def test_what_cannot_run_here_becomes_a_row() -> None:
    assert select(ALL, ("all",), obstacle).not_run == (NotRun("native-win-x64", "win-x64 does not run here"),)


@pytest.mark.parametrize(
    ("patterns", "words"),
    [
        (("native-linux-x46",), 'matches "native-linux-x46"; did you mean "native-linux-x64"'),
        (("jit-*",), 'matches "jit-*" (known: native-linux-x64, frozen-linux-x64'),
        (("native-win-x64",), "native-win-x64 cannot run here: win-x64 does not run here"),
        (("*-win-*",), "no artifact is left to test: native-win-x64: win-x64 does not run here"),
    ],
)
def test_a_selection_that_leaves_nothing_is_an_error(patterns: tuple[str, ...], words: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        select(ALL, patterns, obstacle)
    assert words in str(caught.value)


def test_only_development_artifacts_are_no_default() -> None:
    with pytest.raises(ArtifactError, match="for development only"):
        select(replace(ALL, artifacts=ALL.artifacts[3:]), (), obstacle)


def test_an_empty_list_is_an_error() -> None:
    with pytest.raises(ArtifactError, match="lists no artifact"):
        select(replace(ALL, artifacts=()), ("all",), obstacle)


@pytest.fixture
def published(tmp_path: Path) -> Artifact:
    tool = tmp_path / "app" / "tool"
    tool.parent.mkdir()
    tool.write_bytes(b"#!/bin/sh\n")
    tool.chmod(0o755)
    (tool.parent / "lib").mkdir()
    (tool.parent / "lib" / "data").write_bytes(b"data")
    (tool.parent / "lib" / "link").symlink_to("data")
    digest, files = Digests().tree(tool.parent)
    sha256 = hashlib.sha256(tool.read_bytes()).hexdigest()
    return artifact("native-linux-x64", path=tool, sha256=sha256, size=10, tree=Tree(tool.parent, digest, files))


def test_the_published_artifact_passes(published: Artifact) -> None:
    verify(published, Path("artifacts.json"), Digests())


def test_the_tree_digest_follows_the_written_rule(published: Artifact) -> None:
    def sha(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    data = published.path.parent / "lib" / "data"
    data.chmod(0o640)
    lines = f"640 {sha(b'data')}  lib/data\n777 -> data  lib/link\n755 {sha(b'#!/bin/sh' + bytes([10]))}  tool\n"
    assert Digests().tree(published.path.parent) == (sha(lines.encode()), 3)


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "another file": (lambda app: append(app / "tool"), "is not the file that was published"),
    "gone": (lambda app: (app / "tool").unlink(), "does not exist"),
    "not executable": (lambda app: (app / "tool").chmod(0o644), "is not executable"),
    "another file beside it": (lambda app: append(app / "lib" / "data"), "are not those that were published"),
    "another mode": (lambda app: (app / "lib" / "data").chmod(0o600), "are not those that were published"),
    "a file too many": (lambda app: (app / "lib" / "extra").write_bytes(b""), "holds 4 files, listed 3"),
    "another link": (lambda app: ((app / "lib" / "link").unlink(), (app / "lib" / "link").symlink_to("../tool")), "are not those that were published"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_since_publishing_is_noticed(published: Artifact, change: str) -> None:
    (published.path.parent / "lib" / "data").chmod(0o644)
    digest, files = Digests().tree(published.path.parent)
    listed = replace(published, tree=Tree(published.path.parent, digest, files))
    mutate, words = CHANGES[change]
    mutate(published.path.parent)
    with pytest.raises(ArtifactError) as caught:
        verify(listed, Path("artifacts.json"), Digests())
    assert words in str(caught.value)
    assert "publish it again" in str(caught.value)


def test_the_same_content_of_another_size_entry_is_noticed(published: Artifact) -> None:
    with pytest.raises(ArtifactError, match="has 10 bytes, listed 11"):
        verify(replace(published, size=11), Path("artifacts.json"), Digests())


def test_a_known_file_is_hashed_once(published: Artifact) -> None:
    digests = Digests()
    digests.file(published.path)
    key = next(iter(digests.known))
    digests.known[key] = "remembered"
    assert digests.file(published.path) == "remembered"
    published.path.write_bytes(b"#!/bin/sh -e\n")
    assert digests.file(published.path) != "remembered"


@pytest.mark.parametrize(
    ("version", "output", "right"),
    [
        ("1.4.0", "1.4.0\n", True),
        ("1.4.0", "tool 1.4.0 (linux)", True),
        ("1.4.0", "tool v1.4.0", True),
        ("1.4.0", "11.4.0", False),
        ("1.4.0", "1.4.0.1", False),
        ("1.4.0", "1.4.01", False),
        ("1.4.0", "tool 1.4.0.", True),
        ("1.4.0", "1x4x0", False),
    ],
)
def test_the_version_must_stand_by_itself(version: str, output: str, right: bool) -> None:
    probe = version_probe(artifact("native-linux-x64", version=version))
    assert probe is not None
    assert probe[0] == ("--version",)
    assert bool(probe[1].search(output)) is right


def test_a_foreign_program_brings_its_own_probe_or_none() -> None:
    probe = version_probe(artifact("debian-any", facts={"probe": {"args": ["-V"], "matches": r"^jq-1\."}}))
    assert probe is not None
    assert probe[0] == ("-V",)
    assert probe[1].search("jq-1.6")
    assert version_probe(artifact("debian-any", version="")) is None


def test_the_reader_and_the_selection_fit(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.json"
    path.write_text(
        '{"format": 1, "program": "tool", "reference": "a-b", "artifacts": '
        f'[{{"id": "a-b", "kind": "a", "target": "b", "path": "tool", "sha256": "{"0" * 64}", "size": 1, "version": ""}}]}}',
        "utf-8",
    )
    assert [item.id for item in select(read(path), (), lambda _: None).artifacts] == ["a-b"]
