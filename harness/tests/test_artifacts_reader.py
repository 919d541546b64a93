"""``artifacts.json`` is read strictly: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.artifacts import ArtifactError, read

DIGEST = "0" * 64


def entry(**changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "id": "native-linux-x64",
        "kind": "native",
        "target": "linux-x64",
        "path": "native/tool",
        "sha256": DIGEST,
        "size": 4,
        "version": "1.4.0",
    }
    return {key: value for key, value in {**plain, **changes}.items() if value is not None}


def document(*entries: dict[str, object], **changes: object) -> dict[str, object]:
    return {"format": 1, "program": "tool", "reference": "native-linux-x64", "artifacts": list(entries), **changes}


def stored(folder: Path, content: object) -> Path:
    path = folder / "artifacts.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_a_full_entry_is_read(tmp_path: Path) -> None:
    tree = {"root": "native", "sha256": "1" * 64, "files": 3}
    probe = {"args": ["-V"], "matches": "^tool"}
    full = entry(tree=tree, development=True, prefix=["main.py"], lacks=["posix-signals"], warnings=0, probe=probe)
    artifacts = read(stored(tmp_path, document(full)))
    (artifact,) = artifacts.artifacts
    assert (artifacts.program, artifacts.reference) == ("tool", "native-linux-x64")
    assert artifact.path == tmp_path / "native/tool"
    assert artifact.tree is not None
    assert (artifact.tree.root, artifact.tree.files) == (tmp_path / "native", 3)
    assert (artifact.development, artifact.prefix, artifact.lacks) == (True, ("main.py",), ("posix-signals",))
    assert artifact.facts == {"warnings": 0, "probe": probe}


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    assert read(stored(tmp_path, document(entry(path="/usr/bin/tool")))).artifacts[0].path == Path("/usr/bin/tool")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not valid JSON"),
        ("[]", "must hold a JSON object"),
        ("\udcff", "is not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"format": NaN}', "NaN is not a JSON number"),
        ('{"format": 1, "format": 1}', 'key "format" occurs twice'),
        ({}, "format: is None, this reader knows only 1"),
        (document(format=2), "format: is 2"),
        (document(program=""), "program: must be a string that is not empty"),
        (document(artifacts={}), "artifacts: must be a list"),
        (document(entry(), entry()), 'artifacts[1].id: "native-linux-x64" is also the id of artifacts[0]'),
        (document(entry(id="Native")), "artifacts[0].id: 'Native' must consist of lower-case letters"),
        (document(entry(kind=None)), "artifacts[0].kind: must be a string"),
        (document(entry(sha256="abc")), "artifacts[0].sha256: must be a SHA-256"),
        (document(entry(size=True)), "artifacts[0].size: must be a number of bytes"),
        (document(entry(size=-1)), "artifacts[0].size"),
        (document(entry(path="a\0b")), "artifacts[0].path: must be a string"),
        (document(entry(version=3)), "artifacts[0].version: must be a string"),
        (document(entry(tree={"root": "x", "sha256": DIGEST, "files": 0})), "artifacts[0].tree.files"),
        (document(entry(development="yes")), "artifacts[0].development: must be true or false"),
        (document(entry(lacks="posix-signals")), "artifacts[0].lacks: must be a list of strings"),
        (document(entry(probe={"args": [], "matches": "("})), "artifacts[0].probe.matches: is not a regular expression"),
        (document(entry(probe={"arguments": []})), "artifacts[0].probe.arguments: is not known here"),
        (document("native"), "artifacts[0]: must be an object"),  # type: ignore[arg-type]  # wrong on purpose
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, content: object, words: str) -> None:
    path = tmp_path / "artifacts.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArtifactError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no such file; publish artifacts first"):
        read(tmp_path / "artifacts.json")


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        read(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200) | st.builds(lambda value: json.dumps(value).encode(), JSON))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(raw)
    with pytest.raises(ArtifactError):
        read(path)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(entry())), JSON)
def test_any_value_in_an_entry_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, key: str, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "entry.json"
    path.write_text(json.dumps(document({**entry(), key: value})), "utf-8")
    try:
        (artifact,) = read(path).artifacts
    except ArtifactError as error:
        assert key in str(error) or "JSON" in str(error)
    else:
        assert str(getattr(artifact, key)).endswith(str(value))
