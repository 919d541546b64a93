"""Made-up peers: the same seed gives the same mesh, large ones included, and what is made keeps the contract's rules."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import jsonschema
import pytest

from harness.servers.client import ServerProcess
from harness.servers.control_plane import schema
from harness.tests.control_plane_support import CLOCK, INSTANT, ask


@pytest.fixture(scope="module")
def plane() -> Iterator[ServerProcess]:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield server
    server.stop()


def made(plane: ServerProcess, count: int, seed: int, **more: object) -> bytes:
    plane.reset(generate={"kind": "peers", "count": count, "seed": seed}, **more)
    return ask(plane.url, "GET", "/control/peers").body


def test_ten_thousand_peers_are_the_same_every_time_and_everywhere(plane: ServerProcess) -> None:
    body = made(plane, 10_000, 7)
    assert made(plane, 10, 7) != body and made(plane, 10_000, 8) != body
    assert made(plane, 10_000, 7) == body
    assert (len(body), hashlib.sha256(body).hexdigest()) == (3_134_462, "1e1418ff8446b87dfdbace048bfe313d5a985184c8369c7bc152a1e787977c48")


def test_made_peers_keep_the_rules(plane: ServerProcess) -> None:
    made(plane, 500, 3)
    document = ask(plane.url, "GET", "/control/peers").json
    peers = document["peers"]
    assert [peer["nodeId"] for peer in peers] == sorted(peer["nodeId"] for peer in peers)
    assert len({peer["metadata"]["endpoint"] for peer in peers}) == 500
    assert set(Counter(peer["status"] for peer in peers)) == {"Alive", "Suspect", "Left"}
    local = peers[0]
    assert document["localNodeId"] == local["nodeId"] and local["status"] == "Alive" and "rttMs" not in local and local["lastSeen"] == INSTANT
    validator = jsonschema.Draft202012Validator({"$defs": schema.schema()["$defs"], "$ref": "#/$defs/peer"})
    assert all(validator.is_valid(peer) for peer in peers)


def test_the_local_node_may_be_named(plane: ServerProcess) -> None:
    made(plane, 20, 1, data={"localNodeId": "node-00005"})
    document = ask(plane.url, "GET", "/control/peers").json
    names = [peer["nodeId"] for peer in document["peers"]]
    assert (document["localNodeId"], names[0], len(set(names))) == ("node-00005", "node-00005", 20)


def test_none_is_none(plane: ServerProcess) -> None:
    made(plane, 0, 1)
    assert ask(plane.url, "GET", "/control/peers").json["peers"] == []
