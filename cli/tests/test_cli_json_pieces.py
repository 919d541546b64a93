"""Large answers read piece by piece: the same as when they are read as a whole, or not at all."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from cli_loopback import Server, says, serving
from hypothesis import given, settings
from hypothesis import strategies as st

from omnirelay import control_plane, json_pieces, jsontext
from omnirelay._generated.wire_shard_diff import plain_shard_diff_entry, read_shard_diff_response
from omnirelay.faults import Failure
from omnirelay.invocation import new_session
from omnirelay.wire_reading import WireFault

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


SHARD: dict[str, Any] = {
    "namespace": "n", "shardId": "\u00fc", "strategyId": "s", "ownerNodeId": "o", "capacityHint": 1.5, "status": 0, "version": 7, "checksum": "c",
    "updatedAt": "2024-10-01T00:00:00Z",
}  # fmt: skip
CHANGE: dict[str, Any] = {"position": 2, "current": SHARD}
PLAIN: list[dict[str, Any]] = [
    {}, {"position": -1}, {"POSITION": 3, "previous": SHARD}, {"history": None}, {"more": "[" * 70}, {"more": [[]] * 70},
]  # fmt: skip
WRONG: list[dict[str, Any]] = [{"position": "2"}, {"position": 2**63}, {"current": SHARD | {"status": "x"}}, {"previous": {}}]
CHANGES = [json.dumps(CHANGE | more) for more in PLAIN]
FAULTS = [json.dumps(CHANGE | more) for more in WRONG]
FAULTS += ["null", "NaN", '{"position":' + "9" * 5000 + "}", CHANGES[0][:-1] + ',"more":' + "[" * 62 + "]" * 62 + "}"]
LISTS = st.lists(st.sampled_from(CHANGES * 4 + FAULTS), max_size=3).map(lambda items: f"[ {' , '.join(items)}]")
VALUES_OF_OTHERS = st.sampled_from(["1", "-2", "null"] * 4 + ["1.0", '"x"', "{}", "[]", "[1]", "9" * 30, "1e999", "[" * 63 + "]" * 63, "[" * 64 + "]" * 64])
NAMES_OF_OTHERS = st.sampled_from(["lastPosition"] * 4 + ["LASTPOSITION", "x", "", "item\u017f", "items"])
MEMBERS = st.one_of(
    *[st.builds('"items":{}'.format, LISTS)] * 3,
    st.builds('\r\n"{}"\t: {} '.format, st.sampled_from(["items", "Items", "\\u0069tems", "\\u0049tems"]), LISTS),
    *[st.builds('"{}" :{}'.format, NAMES_OF_OTHERS, VALUES_OF_OTHERS)] * 3,
)
EDITS = st.tuples(
    st.sampled_from([0, 1, 9, 40, 90, 10**6]),
    st.sampled_from([b"", b" ", b"\xef\xbb\xbf", b"{", b"[", b"]", b",", b'"', b"\\", b"\xff", b"\0", b"0"]),
    st.integers(0, 1),
)
BODIES = st.builds(
    lambda members, edit: (body := ("{" + ",".join(members) + "}").encode())[: edit[0]] + edit[1] + body[edit[0] + edit[2] :],
    st.lists(MEMBERS, max_size=4),
    st.one_of(*[st.just((0, b"", 0))] * 5, EDITS),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(says(b"")) as running:
        yield running


def whole(body: bytes) -> tuple[list[Any], int | None] | str:
    """What a reader of whole documents makes of it: the entries and the last position, or the fault."""
    try:
        found = read_shard_diff_response(jsontext.parse(body), None)
    except (jsontext.JsonFault, WireFault) as fault:
        return str(fault)
    return [plain_shard_diff_entry(entry) for entry in found.items], found.last_position


@settings(max_examples=400)
@given(body=BODIES)
def test_an_answer_is_read_as_ever_and_a_fault_has_the_same_words(server: Server, body: bytes) -> None:
    server.answers[:] = [says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)]
    call = control_plane.shard_diff_call(f"http://127.0.0.1:{server.port}", ())
    expected = whole(body)
    try:
        found = control_plane.fetch_shard_diff(new_session(), call, control_plane.Limit("50s"), plain_shard_diff_entry)
    except Failure as failure:
        assert isinstance(expected, str) and f": {expected}. (GET " in failure.message
    else:
        assert found == expected
