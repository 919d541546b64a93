"""Shards in a data file: what may be left out, what is refused and where, and shards made up from a seed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.servers.client import ServerProcess
from harness.servers.control_plane.readers import read_data
from harness.servers.control_plane.shards.generate import MadeShards
from harness.servers.control_plane.shards.model import Record, Row, Shard, WrittenShards
from harness.servers.shapes import ReadError
from harness.tests.control_plane_support import CLOCK, ask, get, read_all, sent

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
READ = {"x-mesh-scope": "mesh.read"}
LARGEST = 2**63 - 1


def shard(**more: object) -> dict[str, object]:
    return {"namespace": "n", "shardId": "s", "ownerNodeId": "o", **more}


def document(*shards: object) -> bytes:
    return json.dumps({"shards": list(shards)}).encode()


def read(*shards: object) -> tuple[Shard, ...]:
    source = read_data(document(*shards)).shards
    assert isinstance(source, WrittenShards)
    return source.written


def test_a_shard_is_three_words() -> None:
    assert read(shard()) == (Shard(Record("n", "s", "o"), (Row(1, 1, "o"),)),)


def test_history_fills_itself_in() -> None:
    (moved,) = read(shard(updatedAt="2025-01-01T00:00:00Z", changeTicket="chg", history=[{"ownerNodeId": "a"}, {"ownerNodeId": "b", "actor": "x"}, {}]))
    assert moved.record.version == 3
    told = [(row.position, row.version, row.owner, row.previous_owner, row.actor, row.ticket, row.created_at) for row in moved.history]
    instant = "2025-01-01T00:00:00Z"
    assert told == [(1, 1, "a", None, "system", None, instant), (2, 2, "b", "a", "x", None, instant), (3, 3, "o", "b", "system", "chg", instant)]


def test_a_row_knows_its_owner_from_the_next_one() -> None:
    (moved,) = read(shard(version=9, history=[{}, {"previousOwnerNodeId": "a"}]))
    assert [(row.version, row.owner, row.previous_owner) for row in moved.history] == [(8, "a", None), (9, "o", "a")]


def test_positions_count_on_over_all_shards() -> None:
    shards = read(shard(history=[{"position": 5}]), shard(shardId="t", history=[{}, {"position": 2}, {}]), shard(shardId="u", history=[]), shard(shardId="v"))
    assert [[row.position for row in one.history] for one in shards] == [[5], [6, 2, 3], [], [4]]
    assert shards[2].record.version == 1


@pytest.mark.parametrize(
    ("shards", "message"),
    [
        ([{"namespace": "n", "shardId": "s"}], '$.shards[0]: the key "ownerNodeId" is missing'),
        ([shard(owner="x")], '$.shards[0]: unknown key "owner"; did you mean "ownerNodeId"?'),
        ([shard(namespace="a|b")], '$.shards[0].namespace: text "a|b" is not the name of a namespace: text without "|", which divides a cursor'),
        ([shard(namespace=" ")], '$.shards[0].namespace: text " " is not the name of a namespace: text without "|", which divides a cursor'),
        ([shard(shardId="")], "$.shards[0].shardId: expected text, found nothing but white space"),
        ([shard(status="active")], '$.shards[0].status: text "active" is none of Active, Draining, Paused, Disabled; did you mean "Active"?'),
        ([shard(checksum="abc")], '$.shards[0].checksum: text "abc" is not 16 hexadecimal digits in capitals'),
        ([shard(checksum="0123456789ABCDEF\n")], "$.shards[0].checksum: 17 characters are more than the limit of 16"),
        ([shard(capacityHint=-1)], "$.shards[0].capacityHint: must be between 0 and 1e+12"),
        ([shard(version=0)], f"$.shards[0].version: must be between 1 and {LARGEST}"),
        ([shard(), shard(shardId="t"), shard()], "$.shards[2]: the same namespace and shardId as $.shards[0]; each shard is written once"),
        ([shard(version=1, history=[{}, {}])], "$.shards[0].history: 2 rows are more than the versions up to 1"),
        (
            [shard(), shard(shardId="t", history=[{"position": 1}])],
            "$.shards[1].history[0]: has position 1 like $.shards[0].history[0]; give one of them another",
        ),
        (
            [shard(history=[{"position": LARGEST}]), shard(shardId="t")],
            "$.shards[1].history[0]: has no position left after the row before it; give one of them another",
        ),
        ([shard(history=[{"at": "x"}])], '$.shards[0].history[0]: unknown key "at"; known keys are position, version, ownerNodeId'),
        ([shard(history=[{"createdAt": "now"}])], '$.shards[0].history[0].createdAt: text "now" is no timestamp; write it like 2025-01-02T03:04:05Z'),
        ([shard(history=[{}] * 10_001)], "$.shards[0].history: 10001 items are more than the limit of 10000"),
        ([None], "$.shards[0]: expected an object, found null"),
        ([shard(shardId="s" * 257)], "$.shards[0].shardId: 257 characters are more than the limit of 256"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_mistake_is_named(shards: list[object], message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_data(document(*shards))
    assert str(refused.value).startswith(f"data: {message}")


def test_more_shards_than_the_limit_are_refused_as_a_whole() -> None:
    with pytest.raises(ReadError, match=r"^data: \$\.shards: 100001 items are more than the limit of 100000$"):
        read_data(b'{"shards":[' + b"{}," * 100_000 + b"{}]}")


def test_made_shards_are_the_same_every_time() -> None:
    made = tuple(MadeShards(1000, 7, 4, NOW).shards())
    assert made == tuple(MadeShards(1000, 7, 4, NOW).shards()) != tuple(MadeShards(1000, 8, 4, NOW).shards())


@pytest.mark.parametrize(("count", "namespaces", "sizes"), [(0, 1, {}), (1, 3, {0: 1}), (10, 4, {0: 3, 1: 3, 2: 2, 3: 2})])
def test_made_shards_are_spread_over_namespaces(count: int, namespaces: int, sizes: dict[int, int]) -> None:
    made = [one.record.namespace for one in MadeShards(count, 1, namespaces, NOW).shards()]
    assert {name: made.count(name) for name in made} == {f"mesh.ns-{number:03d}": size for number, size in sizes.items()}


def test_made_shards_keep_the_rules() -> None:
    made = tuple(MadeShards(2000, 3, 2, NOW).shards())
    keys = [(one.record.namespace, one.record.shard_id) for one in made]
    assert keys == sorted(set(keys))
    assert [row.position for one in made for row in one.history] == list(range(1, sum(len(one.history) for one in made) + 1))
    assert {one.record.status.word for one in made} == {"Active", "Draining", "Paused", "Disabled"}
    for one in made:
        last = one.history[-1]
        assert (one.record.version, one.record.owner, one.record.updated_at, one.record.ticket) == (last.version, last.owner, last.created_at, last.ticket)
        assert last.previous_owner == (one.history[0].owner if len(one.history) == 2 else None) != one.record.owner
    assert {len(one.history) for one in made} == {1, 2}


def test_a_hundred_thousand_made_shards_are_the_same_everywhere_and_paged_within_bounded_memory() -> None:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    try:
        server.reset(generate={"kind": "shards", "count": 100_000, "seed": 7, "namespaces": 4})
        seen, cursor, told = 0, "", hashlib.sha256()
        while True:
            reply = ask(server.url, "GET", f"/control/shards?pageSize=500{cursor}", headers=READ)
            told.update(reply.body)
            page = reply.json
            seen += len(page["items"])
            if "nextCursor" not in page:
                break
            cursor = "&cursor=" + quote(page["nextCursor"], safe="")
        assert (seen, page["items"], told.hexdigest()) == (100_000, [], "44b2d66cff9fb12bda9c242b2f56ee34eac54c00af303e9cbd1d347c3534b407")
        status = Path(f"/proc/{server.pid}/status")
        if status.exists():
            (peak,) = (int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            assert peak < 256 * 1024, f"the control plane took {peak} KiB at its peak"
    finally:
        server.stop()


def test_a_reset_cuts_a_long_answer_short() -> None:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    try:
        for path in ("diff", "watch"):
            server.reset(generate={"kind": "shards", "count": 30_000})
            # More than the sockets between the two hold, so that the answer waits for its reader when the reset comes.
            with sent(server.url, get(f"/control/shards/{path}", "x-mesh-scope: mesh.operate\r\n")) as connection:
                assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
                server.reset(data={"shards": [shard()]})
                assert not read_all(connection).endswith(b"\r\n0\r\n\r\n")
            assert len(ask(server.url, "GET", "/control/shards", headers=READ).json["items"]) == 1
    finally:
        server.stop()


def test_a_store_that_is_damaged_under_way_is_told_as_a_failure(tmp_path: Path) -> None:
    store = tmp_path / "plane.db"
    server = ServerProcess.start("control-plane", ["--store", str(store), "--clock", CLOCK])
    try:
        server.reset(generate={"kind": "shards", "count": 30_000, "seed": 1})
        for path in (store, store.with_name("plane.db-wal")):
            with path.open("r+b") as file:
                size = path.stat().st_size
                file.seek(size // 100)
                file.write(b"\xff" * (size - size // 100))
        listed = ask(server.url, "GET", "/control/shards?owner=nobody", headers=READ)
        assert (listed.status, listed.json["code"]) == (500, "shards.control.repository.failure")
        watched = ask(server.url, "GET", "/control/shards/watch", headers=READ)
        *_, last, rest = watched.body.decode().split("\n\n")
        assert (watched.status, rest) == (200, "")
        failure = '{"code":"shards.control.stream.failure","message":"The shard store could not answer.","metadata":{}}'
        assert last == f"event: shard.error\ndata: {failure}"
        assert ask(server.url, "GET", "/healthz").status == 200
    finally:
        server.stop()


def test_a_store_keeps_its_shards_over_a_restart(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_bytes(document(shard(history=[{"ownerNodeId": "a"}, {}])))
    arguments = ["--data", str(tmp_path / "data.json"), "--store", str(tmp_path / "plane.db"), "--clock", CLOCK]
    answers = []
    for _ in range(2):
        server = ServerProcess.start("control-plane", arguments)
        answers.append(ask(server.url, "GET", "/control/shards/diff", headers={"x-mesh-scope": "mesh.operate"}).body)
        server.stop()
        arguments = arguments[2:]
    assert answers[0] == answers[1] and len(json.loads(answers[0])["items"]) == 2
