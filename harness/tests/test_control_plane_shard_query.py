"""What a request says about the shards it wants is read as the original reads it, and no text does anything but mean something or be refused."""

from __future__ import annotations

import math
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from harness.servers.control_plane.bodies import Unusable
from harness.servers.control_plane.shards import query
from harness.servers.control_plane.shards.model import ShardStatus
from harness.servers.control_plane.shards.query import BadCursor, BadQuery, Cursor, Filter
from harness.servers.control_plane.shards.simulation import read_order

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10).filter(str.strip)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Filter()),
        ("namespace=&owner=%20&search=&status=", Filter()),
        ("namespace=%20mesh.a%20&owner=node-a&search=%09x", Filter("mesh.a", "node-a", "x")),
        ("status=active,DRAINING", Filter(statuses=(ShardStatus.ACTIVE, ShardStatus.DRAINING))),
        ("status=3;2%201", Filter(statuses=(ShardStatus.DISABLED, ShardStatus.PAUSED, ShardStatus.DRAINING))),
        ("status=Active&status=Paused&status=0", Filter(statuses=(ShardStatus.ACTIVE, ShardStatus.PAUSED))),
        ("status=Active,,Paused,", Filter(statuses=(ShardStatus.ACTIVE, ShardStatus.PAUSED))),
        ("owner=a&owner=b", Filter(owner="a,b")),
        ("Namespace=x", Filter()),
    ],
)
def test_filters(text: str, expected: Filter) -> None:
    assert query.read_filter(QueryParams(text)) == expected


@pytest.mark.parametrize(("text", "token"), [("status=bogus", "bogus"), ("status=Active,x", "x"), ("status=4", "4"), ("status=-1", "-1"), ("status=01", "01")])
def test_a_status_that_is_none_is_named(text: str, token: str) -> None:
    with pytest.raises(BadQuery) as refused:
        query.read_filter(QueryParams(text))
    assert str(refused.value) == f"Invalid status '{token}'."


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 100),
        ("pageSize=0", 100),
        ("pageSize=-5", 100),
        ("pageSize=1", 1),
        ("pageSize=%2B7%20", 7),
        ("pageSize=500", 500),
        ("pageSize=501", 500),
        ("pageSize=2147483647", 500),
    ],
)
def test_page_sizes(text: str, size: int) -> None:
    assert query.read_size(QueryParams(text)) == size


@pytest.mark.parametrize("text", ["", "x", "1.0", "1e2", "2147483648", "-2147483649", "1,2", "0x1", "9" * 50, "٣", "1_0", "+-1"])
def test_a_page_size_that_is_no_number_of_32_bits_is_refused(text: str) -> None:
    with pytest.raises(BadQuery, match=r"^Invalid pageSize value\.$"):
        query.read_size(QueryParams(f"pageSize={quote(text)}"))


def test_positions_have_64_bits() -> None:
    largest = 2**63 - 1
    assert query.read_number(QueryParams(f"toVersion={largest}&fromVersion={-largest - 1}"), "toVersion") == largest
    for wrong in (largest + 1, -largest - 2):
        with pytest.raises(BadQuery, match=r"^Invalid resumeToken value\.$"):
            query.read_number(QueryParams(f"resumeToken={wrong}"), "resumeToken")
    with pytest.raises(BadQuery):
        query.read_number(QueryParams("toVersion=1&toVersion=2"), "toVersion")


def test_cursors_are_those_of_the_contract() -> None:
    assert Cursor("mesh.page", "page-01").text() == "bWVzaC5wYWdlfHBhZ2UtMDE="
    assert query.parse_cursor("bWVzaC5wYWdlfHBhZ2UtMDE=") == Cursor("mesh.page", "page-01")
    assert query.parse_cursor("bWVzaC5w YWdlfHBh\nZ2UtMDE=") == Cursor("mesh.page", "page-01")


@pytest.mark.parametrize("text", ["abc", "bWVzaA==", "fGE=", "YXw=", "IHxh", "YXwg", "====", "a", "ä", "YXxi=YXxi", "_-__"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        query.parse_cursor(text)


@given(NAMES.filter(lambda name: "|" not in name), NAMES)
def test_a_cursor_comes_back_as_it_went(namespace: str, shard_id: str) -> None:
    cursor = Cursor(namespace, shard_id)
    text = query.cursor_text(QueryParams(f"cursor={quote(cursor.text())}"))
    assert text is not None and query.parse_cursor(text) == cursor


@given(TEXTS)
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        assert query.parse_cursor(text).namespace.strip()
    except BadCursor as error:
        assert str(error) == text


@given(st.dictionaries(st.sampled_from(["namespace", "owner", "search", "status", "pageSize", "cursor", "fromVersion"]), TEXTS))
def test_any_query_means_something_or_is_refused(parameters: dict[str, str]) -> None:
    given = QueryParams(parameters)
    try:
        assert query.read_filter(given).namespace != ""
        assert 1 <= query.read_size(given) <= 500
        query.read_number(given, "fromVersion")
    except BadQuery as error:
        assert str(error).startswith("Invalid ")


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
NODES = st.dictionaries(st.sampled_from(["nodeId", "NODEID", "weight", "region", "zone", "x"]), VALUES) | VALUES
ORDERS = st.dictionaries(st.sampled_from(["namespace", "strategyId", "nodes", "Nodes", "x"]), VALUES | st.lists(NODES, max_size=3))


@given(ORDERS)
def test_any_order_is_one_or_cannot_be_read(document: dict[str, object]) -> None:
    try:
        order = read_order(document)
    except Unusable:
        return
    assert all(math.isfinite(node.weight) for node in order.nodes)


@pytest.mark.parametrize(
    ("lines", "read", "operate"),
    [
        ([], False, False),
        ([""], False, False),
        (["mesh.read"], True, False),
        (["MESH.READ"], True, False),
        (["mesh.operate"], True, True),
        (["other, Mesh.Operate"], True, True),
        (["a;b mesh.read"], True, False),
        (["a", "mesh.operate"], True, True),
        (["mesh.reader", "xmesh.operate"], False, False),
        (["mesh.read.operate"], False, False),
    ],
)
def test_scopes(lines: list[str], read: bool, operate: bool) -> None:
    assert (query.allowed(lines, query.READ), query.allowed(lines, query.OPERATE)) == (read, operate)


@given(TEXTS)
def test_folding_ignores_case_and_keeps_the_length(text: str) -> None:
    folded = query.folded(text)
    assert len(folded) == len(text) and query.folded(folded) == folded
    if text.isascii():
        assert folded == query.folded(text.lower())
