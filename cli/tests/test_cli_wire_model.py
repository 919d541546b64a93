"""The reader of openapi.yaml: what it cannot make wire types of is one error that says where, and never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.generator.model import BuildError
from cli.generator.wire_model import Collector, read_document


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: [\n", ":3: no YAML: "),
        (b"a: 1\n\tb: 2\n", ":2: no YAML: found character '\\t' that cannot start any token"),
        (b"\xff\xfe\xff", ": no YAML: "), (b"a: \x00", ": no YAML: "), (b"at: 2025-99-99\n", ": no YAML: month must be in 1..12"),
        (b"", ": components.schemas is not a mapping; "), (b"components: 1\n", ": components.schemas is not a mapping; "),
        (b"components:\n  schemas: []\n", ": components.schemas is not a mapping; "),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    with pytest.raises(BuildError) as caught:
        read_document(path)
    assert str(caught.value).startswith(f"{path}{message}") and "\n" not in str(caught.value)


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"none\.yaml: cannot be read: No such file or directory"):
        read_document(tmp_path / "none.yaml")


@given(st.binary(max_size=200) | st.text(alphabet="abc:- [{}]&*!\n\t'\"#|>%@1", max_size=80).map(str.encode))
def test_any_bytes_give_schemas_or_one_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    try:
        assert isinstance(read_document(path), dict)
    except BuildError as problem:
        assert str(problem).startswith(f"{path}:")


@pytest.mark.parametrize(
    ("schemas", "message"),
    [
        ({}, "openapi.yaml: cli/generator/wire_model.py refers to 'Top', which is not there"),
        ({"Top": {"properties": {"one": {"$ref": "#/components/schemas/Gone"}}}}, "openapi.yaml: Top.one refers to 'Gone', which is not there"),
        ({"Top": {"properties": {"many": {"type": "array"}}}}, "openapi.yaml: Top.many: None is not a schema"),
        ({"Top": {"properties": {"one": 5}}}, "openapi.yaml: Top.one: 5 is not a schema"),
        ({"Top": {"properties": {"one": {"type": "float128"}}}}, "openapi.yaml: Top.one: no reader for this schema"),
        ({"Top": {"properties": {"one": {"type": ["string", "integer"]}}}}, "openapi.yaml: Top.one: no reader for this schema"),
        ({"Top": {"properties": {"one": {"type": "object", "additionalProperties": True}}}}, "openapi.yaml: Top.one: no reader for this schema"),
    ],
)
def test_schemas_without_a_reader_are_named_with_their_member(schemas: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError) as caught:
        Collector(schemas).add("Top")
    assert str(caught.value).startswith(message) and "; " in str(caught.value)
