"""JSON: strict reading, paths, predicates and differences."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare.jsonpath import JsonPath, extend, parse_path, replace_at, select
from harness.compare.jsontext import differences, equal, parse_json, pretty
from harness.compare.predicates.registry import predicate
from harness.compare.timestamps import instant

DOCUMENT = {"state": "Active", "peers": [{"id": "a", "rtt": 1}, {"id": "b", "rtt": 2.5}], "odd name": {"x": None}, "none": []}
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=10,
)


def _path(source: str) -> JsonPath:
    path = parse_path(source)
    assert isinstance(path, JsonPath)
    return path


@pytest.mark.parametrize(
    ("source", "found", "missing"),
    [
        ("$", [("$", DOCUMENT)], []),
        ("$.state", [("$.state", "Active")], []),
        ("$.peers[0].id", [("$.peers[0].id", "a")], []),
        ("$.peers[-1].id", [("$.peers[1].id", "b")], []),
        ("$.peers[*].id", [("$.peers[0].id", "a"), ("$.peers[1].id", "b")], []),
        ("$['odd name'].x", [("$['odd name'].x", None)], []),
        ('$["odd name"]["x"]', [("$['odd name'].x", None)], []),
        ("$.none[*]", [], []),
        ("$.state[*]", [], ["$.state[*]"]),
        ("$.peers[2]", [], ["$.peers[2]"]),
        ("$.peers[*].x", [], ["$.peers[0].x", "$.peers[1].x"]),
        ("$.peers.id", [], ["$.peers.id"]),
    ],
)
def test_paths(source: str, found: list[tuple[str, object]], missing: list[str]) -> None:
    selection = select(DOCUMENT, _path(source))
    assert (list(selection.found), list(selection.missing)) == (found, missing)


@pytest.mark.parametrize(("source", "offset"), [("", 0), ("a", 0), ("$.", 1), ("$.a b", 3), ("$[x]", 1), ("$..a", 1), ("$.a[?(@)]", 3), ("$" + ".a" * 33, 65)])
def test_what_is_no_path(source: str, offset: int) -> None:
    assert parse_path(source) == offset


@given(JSON, st.text(max_size=12))
def test_any_text_is_a_path_or_an_offset(document: object, source: str) -> None:
    path = parse_path("$" + source)
    if isinstance(path, JsonPath):
        for place, value in select(document, path).found:
            assert "'" in place or select(document, _path(place)).found == ((place, value),)
    else:
        assert 0 <= path <= len(source)


def test_replacing_copies_only_what_it_must() -> None:
    changed = replace_at(DOCUMENT, _path("$.peers[*].rtt"), {"$.peers[0].rtt": "<number>"})
    assert changed == {**DOCUMENT, "peers": [{"id": "a", "rtt": "<number>"}, {"id": "b", "rtt": 2.5}]}
    assert DOCUMENT["peers"] == [{"id": "a", "rtt": 1}, {"id": "b", "rtt": 2.5}]


@given(JSON)
def test_what_is_written_reads_back_equal(document: object) -> None:
    assert equal(document, parse_json(pretty(document)))
    assert differences(document, document) == ()


@given(JSON, JSON)
def test_difference_and_equality_agree(left: object, right: object) -> None:
    assert (differences(left, right) == ()) == equal(left, right) == equal(right, left)


@given(st.text(max_size=40))
def test_any_text_is_a_document_or_a_sentence(text: str) -> None:
    try:
        parse_json(text)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it is empty"),
        ('{"a": 1, "a": 2}', 'the name "a" stands twice in one object'),
        ("[NaN]", "NaN is not JSON"),
        ("{} {}", "line 1, column 4: extra data"),
        ('{"a": }', "line 1, column 7: expecting value"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_document(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_json(text)
    assert str(caught.value) == sentence


def test_differences_name_their_paths() -> None:
    expected = {"a": 1, "b": [1, 2], "c": True, "d": {"e f": "x"}}
    actual = {"a": 1.0, "b": [1, 3, 4], "c": 1, "d": {}, "g": None}
    assert differences(expected, actual) == (
        *("- $.b[1] = 2", "+ $.b[1] = 3", "+ $.b[2] = 4", "- $.c = true", "+ $.c = 1", "- $.d['e f'] = \"x\"", "+ $.g = null"),
    )
    assert extend("$", "a-b") == "$.a-b"


@pytest.mark.parametrize(
    ("name", "wanted", "path", "messages"),
    [
        ("equals", "Active", "$.state", []),
        ("equals", "active", "$.state", ['$.state is "Active", not "active"']),
        ("equals", 1, "$.gone", ["$.gone is missing"]),
        ("equals", 1, "$.none[*]", ["$.none[*] selects nothing"]),
        ("absent", True, "$.gone", []),
        ("absent", True, "$['odd name'].x", ["$['odd name'].x is there, null, and must be absent"]),
        ("length", 2, "$.peers", []),
        ("length", 3, "$.peers", ["$.peers has length 2, not 3"]),
        ("length", 1, "$.peers[0].rtt", ["$.peers[0].rtt is 1, which has no length"]),
        ("distinct", True, "$.peers[*].id", []),
        ("distinct", True, "$.twice[*]", ["$.twice[2] is 1, and so is $.twice[0]"]),
        ("within", ["Active", "Drained"], "$.state", []),
        ("within", [True, "1"], "$.one", ['$.one is 1, not one of true, "1"']),
        ("matches", "^Act", "$.state", []),
        ("matches", "^act", "$.state", ['$.state is "Active", which does not match ^act']),
        ("matches", "x", "$.one", ["$.one is 1, not a text"]),
        ("after", 0.5, "$.one", []),
        ("after", 1, "$.one", ["$.one is 1, which is not after 1"]),
        ("after", "2025-01-02T03:04:05Z", "$.at", []),
        ("after", "2025-01-02T05:04:05.0000001+02:00", "$.at",
         ['$.at is "2025-01-02T03:04:05.0000001Z", which is not after "2025-01-02T05:04:05.0000001+02:00"']),
        ("after", 1, "$.state", ['$.state is "Active", which cannot be ordered with 1']),
        ("sorted", "ascending", "$.peers[*].rtt", []),
        ("sorted", "descending", "$.peers[*].id", ['$.peers[1].id is "b" after "a", which is not descending']),
        ("sorted", "ascending", "$.mixed[*]", ['$.mixed[1] is "a", which cannot be ordered with 1']),
    ],
)  # fmt: skip
def test_predicates(name: str, wanted: object, path: str, messages: list[str]) -> None:
    document = {**DOCUMENT, "twice": [1, 2, 1], "one": 1, "at": "2025-01-02T03:04:05.0000001Z", "mixed": [1, "a"]}
    assert list(predicate(name).check(wanted, select(document, _path(path)))) == messages


def test_instants_are_exact() -> None:
    assert instant("1970-01-01T00:00:00Z") == (0, 0)
    assert instant("1970-01-01T01:00:00.5+01:00") == (0, 5 * 10**17)
    assert instant("1969-12-31T23:59:59Z") == (-1, 0)
    for text in ("2025-02-30T00:00:00Z", "2025-01-01 00:00:00Z", "2025-01-01T00:00:00", "2025-01-01T24:61:00Z", ""):
        assert instant(text) is None


def test_snapshot_text_keeps_the_order_of_names() -> None:
    value: Any = json.loads('{"b": 1, "a": "é"}')
    assert pretty(value) == '{\n  "b": 1,\n  "a": "é"\n}\n'
