"""Large answers read piece by piece: the same as when they are read as a whole, or not at all."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnirelay import json_pieces, jsontext

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8)
DOCUMENTS = st.dictionaries(st.sampled_from(["items", "Items", "lastPosition", "x", ""]), VALUES | st.lists(VALUES, max_size=5), max_size=4)
LAYOUTS = st.sampled_from([(None, (",", ":")), (None, (", ", ": ")), (1, (",", ": ")), (0, (" ,\t", " :\r\n "))])


def kept(text: str) -> tuple[list[Any], dict[str, Any]] | None:
    return json_pieces.split(text, "items", lambda value, index: (index, value))


@given(DOCUMENTS, LAYOUTS, st.sampled_from(["", " ", "\n\t"]))
def test_what_is_read_in_pieces_is_what_is_read_as_a_whole(document: dict[str, Any], layout: tuple[int | None, tuple[str, str]], blank: str) -> None:
    text = blank + json.dumps(document, indent=layout[0], separators=layout[1], ensure_ascii=False) + blank
    found = kept(text)
    if not document or "Items" in document:
        assert found is None
        return
    others = dict(document)
    items = others.pop("items") if isinstance(document.get("items"), list) else []
    assert found == (list(enumerate(items)), others)


@given(DOCUMENTS, st.integers(0, 200), st.text(alphabet='{}[],:" x0\\', max_size=3), st.integers(0, 3))
def test_a_text_that_was_changed_is_read_as_the_whole_is_or_not_at_all(document: dict[str, Any], at: int, put: str, taken: int) -> None:
    text = json.dumps(document)
    changed = text[:at] + put + text[at + taken :]
    found = kept(changed)
    if found is not None:
        whole = jsontext.parse_text(changed)
        items = [value for _, value in found[0]]
        assert whole == found[1] | ({"items": items} if "items" in whole and "items" not in found[1] else {})


@given(st.text(alphabet='{}[],:" \n01a\\items', max_size=40))
def test_any_text_gives_a_value_or_nothing(text: str) -> None:
    found = kept(text)
    assert found is None or isinstance(jsontext.parse_text(text), dict)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "null", "[]", "{}", '{"items":[]', '{"items":[1,]}', '{"items":[1 2]}', '{"items":[]} x', '{"items":[],"items":[]}', '{"ITEMS":[]}',
        '{"items":[],"a":1,"a":2}', '{"items":[NaN]}', '{"items":[1],}', '{1:[]}', '{"items":' + "[" * 64 + "]" * 64 + "}", '{"a":' + "[" * 64 + "]" * 64 + "}",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_others(text: str) -> None:
    assert kept(text) is None


def test_levels_are_allowed_up_to_the_limit() -> None:
    deepest = "[" * 62 + "]" * 62
    found = kept('{"items":[' + deepest + "]}")
    assert found is not None and found[0] == [(0, json.loads(deepest))]
    assert kept('{"items":[[' + deepest + "]]}") is None
    with pytest.raises(jsontext.JsonFault, match="too many levels"):
        jsontext.parse_text('{"items":[[' + deepest + "]]}")


def test_a_fault_of_one_item_is_left_to_the_whole() -> None:
    def refuse(value: object, index: int) -> None:
        if index == 2:
            raise ValueError(value)

    assert json_pieces.split('{"items":[0,1]}', "items", refuse) == ([None, None], {})
    assert json_pieces.split('{"items":[0,1,2]}', "items", refuse) is None


def test_no_item_is_kept() -> None:
    item = '{"position":%d,"current":{"name":"' + "x" * 400 + '","more":[1,2.5,{"deep":"' + "y" * 100 + '"}]}}'
    text = '{"items":[' + ",".join(item % number for number in range(2000)) + "]}"
    tracemalloc.start()
    try:
        found = json_pieces.split(text, "items", lambda value, index: value["position"] == index)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found is not None and len(found[0]) == 2000 and all(found[0])
    assert peak < len(text) / 8
