"""artifacts.json: digests, schema, what stays in the list and what leaves it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.publish import PublishError
from cli.publish.digests import key_of, tree_digest
from cli.publish.manifest import Manifest, describe, on_disk, read_manifest, schema_problem
from cli.publish.registry import PACKAGERS
from cli.publish.targets import TARGETS, split_id


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sample(dist: Path, artifact: str = "frozen-linux-x64") -> dict[str, object]:
    folder = dist / artifact / "app"
    folder.mkdir(parents=True)
    (folder / "run").write_bytes(b"program")
    (folder / "run").chmod(0o755)
    (folder / "data").write_bytes(b"data")
    kind, _, target = artifact.partition("-")
    return {"id": artifact, "kind": kind, "target": target, "version": "1", **describe(dist / artifact, "app/run", "app", dist)}


def test_the_tree_digest_is_the_documented_one(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_bytes(b"two")
    (tmp_path / "b" / "file").chmod(0o755)
    (tmp_path / "b-").write_bytes(b"one")
    (tmp_path / "b-").chmod(0o640)
    (tmp_path / "link").symlink_to("b")
    mode = (tmp_path / "link").lstat().st_mode & 0o777
    lines = f"640 {sha(b'one')}  b-\n755 {sha(b'two')}  b/file\n{mode:03o} -> b  link\n"
    found = tree_digest(tmp_path)
    assert found.sha256 == sha(lines.encode())
    assert found.files == 3


def test_a_key_depends_on_names_and_values_and_not_on_order() -> None:
    assert key_of({"a": "1", "b": "2"}) == key_of({"b": "2", "a": "1"})
    assert len({key_of(parts) for parts in ({"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": "2"}, {"a": "1b2"})}) == 5


@pytest.mark.parametrize("change", ["content", "mode", "extra", "gone", "executable"])
def test_an_entry_is_valid_until_one_of_its_files_changes(tmp_path: Path, change: str) -> None:
    entry = sample(tmp_path)
    assert on_disk(entry, tmp_path)
    folder = tmp_path / "frozen-linux-x64" / "app"
    if change == "content":
        (folder / "data").write_bytes(b"Data")
    elif change == "mode":
        (folder / "data").chmod((folder / "data").stat().st_mode ^ 0o100)
    elif change == "extra":
        (folder / "more").write_bytes(b"")
    elif change == "gone":
        (folder / "data").unlink()
    else:
        (folder / "run").write_bytes(b"Program")
    assert not on_disk(entry, tmp_path)


def test_writing_and_reading_keeps_entries_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.json"
    manifest = Manifest(path, ())
    for artifact in ("jit-linux-x64", "frozen-linux-x64", "native-linux-x64"):
        manifest = manifest.with_entry(sample(tmp_path, artifact))
    manifest.write()
    again = read_manifest(path)
    assert [entry["id"] for entry in again.artifacts] == ["native-linux-x64", "frozen-linux-x64", "jit-linux-x64"]
    assert again.still_valid() == again
    (tmp_path / "jit-linux-x64" / "app" / "run").unlink()
    assert [entry["id"] for entry in again.still_valid().artifacts] == ["native-linux-x64", "frozen-linux-x64"]
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["artifacts.json"]


def test_what_does_not_satisfy_the_schema_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.json"
    manifest = Manifest(path, ({**sample(tmp_path), "sha256": "short"},))
    with pytest.raises(PublishError, match=r"artifacts\[0\]\.sha256"):
        manifest.write()
    assert not path.exists()


@pytest.mark.parametrize("key", ["id", "kind", "target", "path", "sha256", "size", "version"])
def test_the_schema_asks_for_every_key_of_an_entry(tmp_path: Path, key: str) -> None:
    entry = sample(tmp_path)
    document = {"format": 1, "program": "omnirelay", "reference": "native-linux-x64", "artifacts": [entry]}
    assert schema_problem(document) is None
    del entry[key]
    assert schema_problem(document) is not None


@given(
    st.binary(max_size=100)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["format", "program", "artifacts", "id"]), inner),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode())
)
def test_a_damaged_list_counts_as_empty(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("dist") / "artifacts.json"
    path.write_bytes(raw)
    assert read_manifest(path).artifacts == ()


def test_a_missing_list_counts_as_empty(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "artifacts.json").artifacts == ()


@pytest.mark.parametrize(
    ("artifact", "text"),
    [
        ("native-linux-arm64", "not published yet"),
        ("native-win-x64", "not published yet"),
        ("native-mars", "there is no artifact"),
        ("jit", "there is no artifact"),
    ],
)
def test_an_artifact_that_is_not_published_is_refused_with_the_list(artifact: str, text: str) -> None:
    with pytest.raises(PublishError) as caught:
        split_id(artifact, tuple(PACKAGERS))
    assert text in str(caught.value)
    assert "native-linux-x64, frozen-linux-x64, jit-linux-x64" in str(caught.value)


def test_every_kind_of_every_target_has_a_packager() -> None:
    kinds = {kind for target in TARGETS.values() for kind in target.kinds}
    assert kinds == set(PACKAGERS)
    assert all(packager.kind == kind for kind, packager in PACKAGERS.items())
