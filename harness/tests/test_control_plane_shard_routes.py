"""The shard routes answer what the contract says: bodies, headers, scopes, refusals and their order, pages, history, watch and plans."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.servers.client import ServerProcess
from harness.servers.control_plane.enums import EnumForm
from harness.servers.control_plane.shards.pages import KeptPages, Page, PageKey
from harness.servers.control_plane.shards.query import Filter
from harness.servers.control_plane.shards.render import Form
from harness.tests.control_plane_support import CLOCK, INSTANT, Reply, ask

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json"
READ = {"x-mesh-scope": "mesh.read"}
OPERATE = {"x-mesh-scope": "mesh.operate"}
PATHS = ("/control/shards", "/control/shards/diff", "/control/shards/watch")


@pytest.fixture(scope="module")
def plane() -> Iterator[ServerProcess]:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield server
    server.stop()


def shard(shard_id: str, owner: str = "node-a", namespace: str = "mesh.control", **more: object) -> dict[str, object]:
    return {"namespace": namespace, "shardId": shard_id, "ownerNodeId": owner, **more}


def get(plane: ServerProcess, path: str, headers: Mapping[str, str] = OPERATE) -> Reply:
    return ask(plane.url, "GET", path, headers=headers)


def names(reply: Reply) -> list[str]:
    return [item["shardId"] for item in reply.json["items"]]


def simulate(plane: ServerProcess, body: object, scope: Mapping[str, str] = OPERATE, kind: str = "application/json") -> Reply:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(plane.url, "POST", "/control/shards/simulate", text, {**scope, "Content-Type": kind})


def problem(reply: Reply) -> tuple[int, str, str, object]:
    document = reply.json
    assert reply.headers["content-type"] == PROBLEM and document["title"] == "Shard control-plane error" and document["status"] == reply.status
    assert document["type"] == "https://tools.ietf.org/html/rfc9110#section-" + {400: "15.5.1", 404: "15.5.5", 500: "15.6.1"}[reply.status]
    return reply.status, document["code"], document["detail"], document.get("metadata")


def test_a_page_is_sent_as_the_contract_shows_it(plane: ServerProcess) -> None:
    written = shard("shard-0001", leaderId="node-a", capacityHint=1.0, version=42, changeTicket="chg-1", updatedAt="2024-10-01T00:00:00+00:00")
    plane.reset(data={"shards": [written, shard("shard-0002", "node-b", capacityHint=1.5, status="Paused")]}, enums="numbers")
    reply = get(plane, "/control/shards?pageSize=2", READ)
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
    assert (reply.headers["etag"], reply.headers["x-omnirelay-shards-version"]) == ('W/"shards-42"', "42")
    assert reply.body.decode() == (
        '{"items":[{"namespace":"mesh.control","shardId":"shard-0001","strategyId":"rendezvous","ownerNodeId":"node-a","leaderId":"node-a","capacityHint":1,'
        '"status":0,"version":42,"checksum":"35BA999EDE12C165","updatedAt":"2024-10-01T00:00:00+00:00","changeTicket":"chg-1"},'
        '{"namespace":"mesh.control","shardId":"shard-0002","strategyId":"rendezvous","ownerNodeId":"node-b","capacityHint":1.5,"status":2,"version":1,'
        f'"checksum":"5AC3176A3185E432","updatedAt":"{INSTANT}"}}],"nextCursor":"bWVzaC5jb250cm9sfHNoYXJkLTAwMDI=","version":42}}'
    )
    plane.reset(data={"shards": [written]})
    assert get(plane, "/control/shards").json["items"][0]["status"] == "Active"


def test_no_shards_are_an_empty_page(plane: ServerProcess) -> None:
    plane.reset()
    for path, body in zip(PATHS, (b'{"items":[],"version":0}', b'{"items":[]}', b"retry: 2000\n\n"), strict=True):
        assert (get(plane, path).status, get(plane, path).body) == (200, body)


def test_routes_that_are_switched_off_are_not_there(plane: ServerProcess) -> None:
    plane.reset(data={"shards": None})
    for reply in (*(get(plane, path) for path in PATHS), simulate(plane, b"{"), get(plane, PATHS[0], {})):
        assert (reply.status, reply.body) == (404, b"")


def test_scopes_are_asked_for_before_anything_else(plane: ServerProcess) -> None:
    plane.reset()
    for path, scopes in zip(PATHS, (("mesh.read", "mesh.operate"), ("mesh.operate",), ("mesh.read", "mesh.operate")), strict=True):
        for scope in ("mesh.read", "MESH.Operate", "mesh.write"):
            reply = get(plane, path, {"x-mesh-scope": f"other;{scope}"})
            assert reply.status == (200 if scope.lower() in scopes else 403)
        refused = get(plane, f"{path}?status=bogus&pageSize=x", {})
        assert (refused.status, refused.body) == (403, b"")
    assert (simulate(plane, {}, READ).status, simulate(plane, {}, READ).body) == (403, b"")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("?status=bogus&pageSize=x", "Invalid status 'bogus'."),
        ("?pageSize=x&cursor=abc", "Invalid pageSize value."),
        ("?pageSize=", "Invalid pageSize value."),
        ("/diff?status=9&fromVersion=x", "Invalid status '9'."),
        ("/diff?fromVersion=x&toVersion=y", "Invalid fromVersion value."),
        ("/diff?toVersion=9223372036854775808", "Invalid toVersion value."),
        ("/watch?status=x", "Invalid status 'x'."),
        ("/watch?resumeToken=", "Invalid resumeToken value."),
    ],
)
def test_a_bad_value_is_named(plane: ServerProcess, path: str, message: str) -> None:
    plane.reset()
    reply = get(plane, f"/control/shards{path}")
    assert (reply.status, reply.headers["content-type"], reply.json) == (400, JSON, {"error": message})


def test_a_bad_cursor_is_a_problem(plane: ServerProcess) -> None:
    plane.reset()
    expected = (400, "shards.control.cursor.invalid", "Invalid cursor token.", {"cursor": "abc"})
    assert problem(get(plane, "/control/shards?cursor=%20abc")) == expected


def test_a_store_that_cannot_answer_is_a_problem(plane: ServerProcess) -> None:
    plane.reset(data={"shards": FEATURE})
    reply = get(plane, f"/control/shards?search={'x' * 50_001}")  # SQLite refuses such a pattern once it has something to compare
    assert problem(reply) == (500, "shards.control.repository.failure", "The shard store could not answer.", None)


def test_filters_of_a_list(plane: ServerProcess) -> None:
    owners = [("node-a", "Active"), ("node-b", "Draining")] * 3
    shards = [shard(f"shard-{index}", owner, status=status) for index, (owner, status) in enumerate(owners)]
    plane.reset(data={"shards": [*shards, shard("shard-0", namespace="mesh.other", version=9), shard("Other_1", "node-A", namespace="mesh.other")]})
    listed = get(plane, "/control/shards?namespace=mesh.control&owner=node-a&status=Active&search=shard-0")
    assert names(listed) == ["shard-0"] and listed.json["version"] == 1
    for query, expected in {
        "owner=node-b": ["shard-1", "shard-3", "shard-5"],
        "owner=NODE-B": [],
        "namespace=mesh.oth": [],
        "search=SHARD-0": ["shard-0", "shard-0"],
        "search=%25r_1": ["Other_1"],
        "search=r__1": ["shard-1"],
        "status=1&search=-_": ["shard-1", "shard-3", "shard-5"],
        "status=Paused": [],
        "namespace=%20mesh.other%20": ["Other_1", "shard-0"],
    }.items():
        assert (query, names(get(plane, f"/control/shards?{query}"))) == (query, expected)


def test_pages_end_with_one_that_is_not_full(plane: ServerProcess) -> None:
    plane.reset(data={"shards": [shard(f"page-{index:02d}", namespace=f"mesh.{'ab'[index % 2]}") for index in range(6)]})

    def sizes(query: str, size: int) -> list[int]:
        found, cursor, seen = [], "", []
        while True:
            document: dict[str, Any] = get(plane, f"/control/shards?pageSize={size}{query}{cursor}").json
            found.append(len(document["items"]))
            seen += [(item["namespace"], item["shardId"]) for item in document["items"]]
            if "nextCursor" not in document:
                assert seen == sorted(set(seen))
                return found
            cursor = f"&cursor={quote(document['nextCursor'], safe='')}"

    assert sizes("", 4) == [4, 2]
    assert sizes("", 2) == [2, 2, 2, 0]
    assert sizes("&namespace=mesh.b", 2) == [2, 1]
    # Within a namespace only the shard counts, whatever namespace the cursor names.
    foreign = get(plane, "/control/shards?namespace=mesh.b&cursor=" + quote("bWVzaC56fHBhZ2UtMDE="))
    assert names(foreign) == ["page-03", "page-05"]


HISTORY: list[dict[str, object]] = [
    shard(
        "shard-0900",
        "node-b",
        leaderId="node-b",
        status="Draining",
        version=9,
        changeTicket="chg-2",
        updatedAt="2024-10-02T00:00:00+00:00",
        history=[{"position": 12, "previousOwnerNodeId": "node-a", "actor": "operator", "reason": "rebalance", "ownershipDeltaPercent": 0.42}],
    ),
    shard("Straße", "node-c", "mesh.feature", history=[{"ownerNodeId": "node-a", "metadata": "é"}, {"ownerNodeId": "node-B"}, {}]),
]


def test_an_entry_is_sent_as_the_contract_shows_it(plane: ServerProcess) -> None:
    plane.reset(data={"shards": HISTORY})
    reply = get(plane, "/control/shards/diff?toVersion=12")
    base = '"namespace":"mesh.control","shardId":"shard-0900","strategyId":"rendezvous"'
    tail = '"updatedAt":"2024-10-02T00:00:00+00:00","changeTicket":"chg-2"}'
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
    assert reply.body.decode() == (
        f'{{"items":[{{"position":12,"current":{{{base},"ownerNodeId":"node-b","leaderId":"node-b","capacityHint":1,"status":"Draining","version":9,'
        f'"checksum":"7960C1779681688F",{tail},"previous":{{{base},"ownerNodeId":"node-a","leaderId":"node-b","capacityHint":1,"status":"Draining",'
        f'"version":8,"checksum":"89B41A63DBD04FE8",{tail},"history":{{"namespace":"mesh.control","shardId":"shard-0900","version":9,'
        '"strategyId":"rendezvous","actor":"operator","reason":"rebalance","changeTicket":"chg-2","createdAt":"2024-10-02T00:00:00+00:00",'
        '"ownerNodeId":"node-b","previousOwnerNodeId":"node-a","ownershipDeltaPercent":0.42,"key":{"namespace":"mesh.control","shardId":"shard-0900"}}}'
        '],"lastPosition":12}'
    )


def test_history_follows_the_rows(plane: ServerProcess) -> None:
    plane.reset(data={"shards": HISTORY})
    document = get(plane, "/control/shards/diff?fromVersion=13").json
    seen = [(e["position"], e["current"]["ownerNodeId"], e["current"]["version"], e.get("previous", {}).get("ownerNodeId")) for e in document["items"]]
    assert seen == [(13, "node-a", 1, None), (14, "node-B", 2, "node-a"), (15, "node-c", 3, "node-B")] and document["lastPosition"] == 15
    assert {e["current"]["checksum"] for e in document["items"]} == {get(plane, "/control/shards?namespace=mesh.feature").json["items"][0]["checksum"]}
    assert document["items"][0]["history"]["metadata"] == "é" and "changeTicket" not in document["items"][0]["history"]


def test_a_row_without_a_ticket_shows_that_of_the_record(plane: ServerProcess) -> None:
    plane.reset(data={"shards": [shard("s", changeTicket="now", history=[{}, {"changeTicket": "then"}, {}])]})
    entries = get(plane, "/control/shards/diff").json["items"]
    assert [(entry["current"]["changeTicket"], entry["history"].get("changeTicket")) for entry in entries] == [("now", None), ("then", "then"), ("now", "now")]


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("", [12, 13, 14, 15]),
        ("fromVersion=0", [12, 13, 14, 15]),
        ("fromVersion=-9223372036854775808&toVersion=9223372036854775807", [12, 13, 14, 15]),
        ("fromVersion=13&toVersion=14", [13, 14]),
        ("fromVersion=16", []),
        ("toVersion=0", []),
        ("fromVersion=15&toVersion=13", []),
        ("owner=NODE-b", [12, 14]),
        ("namespace=MESH.Control", [12]),
        ("search=STRA", [13, 14, 15]),
        ("search=%25", []),
        ("search=ß", [13, 14, 15]),
        ("status=Draining", [12]),
        ("status=active&owner=node-a", [13]),
    ],
)
def test_ranges_and_filters_of_a_diff_and_of_a_watch(plane: ServerProcess, query: str, positions: list[int]) -> None:
    plane.reset(data={"shards": HISTORY})
    path = "/control/shards/diff?" + quote(query, safe="=&-%")
    document = get(plane, path).json
    assert [entry["position"] for entry in document["items"]] == positions
    assert document.get("lastPosition") == (positions[-1] if positions else None)
    if "Version" not in query:
        assert [int(event["id"]) for event in events(get(plane, path.replace("diff", "watch"), READ))] == positions


def events(reply: Reply) -> list[dict[str, str]]:
    assert (reply.status, reply.headers["content-type"], reply.headers["cache-control"]) == (200, "text/event-stream", "no-cache")
    retry, *frames, rest = reply.body.decode().split("\n\n")
    assert (retry, rest) == ("retry: 2000", "")
    return [dict(line.split(": ", 1) for line in frame.split("\n")) for frame in frames]


def test_a_watch_replays_what_comes_after_the_token_and_ends(plane: ServerProcess) -> None:
    plane.reset(data={"shards": HISTORY}, enums="numbers")
    entries = get(plane, "/control/shards/diff?fromVersion=14").json["items"]
    seen = events(get(plane, "/control/shards/watch?resumeToken=13", READ))
    assert [json.loads(event["data"]) for event in seen] == entries
    assert [(event["id"], event["event"], list(event)) for event in seen] == [(n, "shard.diff", ["id", "event", "data"]) for n in ("14", "15")]
    assert events(get(plane, "/control/shards/watch?resumeToken=9223372036854775807", READ)) == []
    assert len(events(get(plane, "/control/shards/watch?resumeToken=-1", READ))) == 4


FEATURE = [shard(f"shard-{index:03d}", f"node-{'ab'[index % 2]}", "mesh.feature", capacityHint=1 + index / 2) for index in range(4)]
NODES: list[dict[str, object]] = [{"nodeId": "node-a", "weight": 1.0}, {"nodeId": "node-b", "weight": 0.8}]


def test_a_plan_names_every_shard_and_what_changes(plane: ServerProcess) -> None:
    plane.reset(data={"shards": FEATURE})
    reply = simulate(plane, {"Namespace": "mesh.feature", "NODES": [{**node, "unknown": 1} for node in NODES], "more": []})
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
    document = reply.json
    assert list(document) == ["namespace", "strategyId", "generatedAt", "assignments", "changes"]
    assert (document["strategyId"], document["generatedAt"]) == ("rendezvous", INSTANT)
    assert [entry["ownerNodeId"] for entry in document["assignments"]] == ["node-a", "node-a", "node-b", "node-a"]
    assert document["assignments"][1] == {"namespace": "mesh.feature", "shardId": "shard-001", "ownerNodeId": "node-a", "capacity": 1.5}
    assert [entry["shardId"] for entry in document["changes"]] == ["shard-001", "shard-002", "shard-003"]
    assert document["changes"][1] == {
        "namespace": "mesh.feature",
        "shardId": "shard-002",
        "currentOwner": "node-a",
        "proposedOwner": "node-b",
        "changesOwner": True,
    }
    assert [item["ownerNodeId"] for item in get(plane, "/control/shards").json["items"]] == ["node-a", "node-b"] * 2


def test_the_last_of_two_members_counts_whatever_their_case(plane: ServerProcess) -> None:
    plane.reset(data={"shards": FEATURE})
    body = json.dumps({"namespace": "mesh.none", "nodes": NODES})[:-1] + ',"NameSpace":"mesh.feature"}'
    assert simulate(plane, body.encode()).status == 200


def test_strategies_are_found_in_any_case_and_told_as_asked_for(plane: ServerProcess) -> None:
    plane.reset(data={"shards": FEATURE})
    for strategy, told, owners in (("RING", "RING", "bbbb"), ("Locality", "Locality", "aaba"), (None, "rendezvous", "aaba"), ("  ", "rendezvous", "aaba")):
        document = simulate(plane, {"namespace": "mesh.feature", "strategyId": strategy, "nodes": NODES}).json
        assert (document["strategyId"], "".join(entry["ownerNodeId"][-1] for entry in document["assignments"])) == (told, owners)


def test_a_hint_is_followed_by_locality_and_told(plane: ServerProcess) -> None:
    plane.reset(data={"shards": [shard("s", localityHint="zone:z2")]})
    nodes = [{"nodeId": "a", "zone": "z1"}, {"nodeId": "b", "zone": "Z2"}, {"nodeId": "c", "region": "z2"}]
    document = simulate(plane, {"namespace": "mesh.control", "strategyId": "locality", "nodes": nodes}).json
    assert document["assignments"] == [{"namespace": "mesh.control", "shardId": "s", "ownerNodeId": "b", "capacity": 1, "localityHint": "zone:z2"}]
    assert "localityHint" not in get(plane, "/control/shards").body.decode()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({}, (400, "shards.control.namespace.required", "Namespace must be provided.", None)),
        ({"namespace": " ", "strategyId": "nope"}, (400, "shards.control.namespace.required", "Namespace must be provided.", None)),
        ({"namespace": "n", "nodes": []}, (400, "shards.control.nodes.required", "At least one node must be provided.", None)),
        ({"namespace": "n", "nodes": None}, (400, "shards.control.nodes.required", "At least one node must be provided.", None)),
        ({"namespace": "n", "nodes": [*NODES, {}]}, (400, "shards.control.node_id.invalid", "Node id cannot be empty.", None)),
        ({"namespace": "n", "nodes": [{"nodeId": "\t"}]}, (400, "shards.control.node_id.invalid", "Node id cannot be empty.", None)),
        (
            {"namespace": "mesh.none", "nodes": NODES, "strategyId": "nope"},
            (404, "shards.control.namespace.missing", "Namespace 'mesh.none' does not contain shard records.", {"namespace": "mesh.none"}),
        ),
        (
            {"namespace": "mesh.feature", "nodes": NODES, "strategyId": "nope"},
            (400, "shards.hashing.strategy.unknown", "Requested shard hash strategy is not registered.", {"strategyId": "nope"}),
        ),
        (
            {"namespace": "mesh.feature", "nodes": [{"nodeId": "a", "weight": 1e9}], "strategyId": "ring"},
            (500, "shards.hashing.ring_too_large", "The ring would have more than 100000 points; lower the weights.", None),
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_mistakes_of_an_order_in_their_order(plane: ServerProcess, order: object, expected: tuple[int, str, str, object]) -> None:
    plane.reset(data={"shards": FEATURE})
    assert problem(simulate(plane, order)) == expected


def test_null_is_no_order(plane: ServerProcess) -> None:
    plane.reset()
    reply = simulate(plane, b"null")
    assert (reply.status, reply.headers["content-type"], reply.json) == (400, JSON, {"error": "Request body is required."})
    assert simulate(plane, b"null", {}).status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"namespace":1}',
        b'{"nodes":{}}',
        b'{"nodes":[1]}',
        b'{"nodes":[null]}',
        b'{"nodes":[{"nodeId":1}]}',
        b'{"nodes":[{"nodeId":"a","weight":"1"}]}',
        b'{"nodes":[{"nodeId":"a","weight":true}]}',
        b'{"nodes":[{"nodeId":"a","weight":NaN}]}',
        b'{"nodes":[{"nodeId":"a","weight":1e999}]}',
        b'{"nodes":[{"nodeId":"a","weight":1' + b"0" * 400 + b"}]}",
        b'{"nodes":[{"nodeId":"a","weight":1' + b"0" * 5000 + b"}]}",
        b'{"namespace":"\\ud800"}',
        b"\xff",
        b'{"nodes":' + b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_cannot_be_read_is_an_error_for_everyone(plane: ServerProcess, body: bytes) -> None:
    plane.reset()
    for scope in (OPERATE, {}):
        reply = simulate(plane, body, scope)
        assert (reply.status, reply.body) == (500, b"")


def test_a_body_that_does_not_say_it_is_json_cannot_be_read(plane: ServerProcess) -> None:
    plane.reset()
    assert [simulate(plane, b"null", kind=kind).status for kind in ("text/plain", "", "application/json; charset=latin1")] == [500] * 3
    assert [simulate(plane, b"null", kind=kind).status for kind in ("application/x+json", "APPLICATION/JSON;charset=UTF-8")] == [400] * 2


def test_a_draining_node_still_tells_of_its_shards(plane: ServerProcess) -> None:
    plane.reset(data={"upgrade": {"state": "Drained"}, "shards": FEATURE})
    assert [get(plane, path).status for path in PATHS] == [200] * 3


def test_a_reset_leaves_no_shard_behind(plane: ServerProcess) -> None:
    plane.reset(data={"shards": FEATURE})
    assert get(plane, "/control/shards").json["version"] == 1
    plane.reset(data={"shards": [{**FEATURE[0], "version": 5}]})
    assert (names(get(plane, "/control/shards")), get(plane, "/control/shards").json["version"]) == (["shard-000"], 5)
    assert len(get(plane, "/control/shards/diff").json["items"]) == 1
    plane.reset()
    assert get(plane, "/control/shards").json == {"items": [], "version": 0}


def test_a_page_that_was_sent_before_is_the_same_and_only_that_page(plane: ServerProcess) -> None:
    many = [shard(f"shard-{number}", f"node-{number % 2}") for number in range(6)]
    plane.reset(data={"shards": many}, clock=CLOCK)
    paths = ["/control/shards", *(f"/control/shards?{query}" for query in ("pageSize=2", "owner=node-1", "owner=node-0", "search=shard-3", "status=active"))]
    first = [get(plane, path) for path in paths]
    assert len({reply.body for reply in first}) == len(paths) - 1  # all of them are active
    following = get(plane, f"/control/shards?pageSize=2&cursor={quote(first[1].json['nextCursor'])}")
    plane.again(clock=CLOCK)
    assert [get(plane, path) for path in paths] == first
    assert names(following) == ["shard-2", "shard-3"] and names(first[1]) == ["shard-0", "shard-1"]
    plane.again(clock=CLOCK, enums="numbers")
    assert {item["status"] for item in get(plane, "/control/shards").json["items"]} == {0}
    plane.again(clock="2026-01-02T03:04:05Z")
    assert {item["updatedAt"][:4] for item in get(plane, "/control/shards").json["items"]} == {"2026"}
    plane.reset(data={"shards": [{**item, "version": 7} for item in many]}, clock=CLOCK)
    reply = get(plane, "/control/shards")
    assert (reply.json["version"], reply.headers["etag"], {item["version"] for item in reply.json["items"]}) == (7, 'W/"shards-7"', {7})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), max_size=40))
def test_kept_pages_stay_within_their_limit_and_the_newest_stay(asked: list[tuple[int, int]]) -> None:
    kept = KeptPages(limit=50)
    sizes: dict[int, int] = {}
    order: list[int] = []
    for number, size in asked:
        key = PageKey(Filter(), None, number, Form(EnumForm.NAMES, INSTANT))
        page = kept.get(key)
        assert (page is not None) == (number in order)
        if page is None:
            kept.keep(key, Page(b"x" * size, number))
            sizes[number] = size
        else:
            assert page == Page(b"x" * sizes[number], number)
            order.remove(number)
        order.append(number)
        while sum(sizes[item] for item in order) > 50:
            order.pop(0)
    kept.clear()
    assert all(kept.get(PageKey(Filter(), None, number, Form(EnumForm.NAMES, INSTANT))) is None for number in range(10))
