"""Every route of the control plane answers exactly what the contract says, and nothing else answers at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.servers.client import ServerProcess
from harness.tests.control_plane_support import CLOCK, INSTANT, ask, drain, get, read_all, sent

ROUTES = {
    "/control/peers": "GET",
    "/omnirelay/control/peers": "GET",
    "/control/upgrade": "GET",
    "/control/upgrade/drain": "POST",
    "/control/upgrade/resume": "POST",
    "/omnirelay/introspect": "GET",
    "/healthz": "GET",
    "/readyz": "GET",
    "/control/shards": "GET",
    "/control/shards/diff": "GET",
    "/control/shards/watch": "GET",
    "/control/shards/simulate": "POST",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
JSON = "application/json; charset=utf-8"


@pytest.fixture(scope="module")
def plane() -> Iterator[ServerProcess]:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield server
    server.stop()


def peer(node: str, status: str = "Alive", **more: object) -> dict[str, object]:
    return {"nodeId": node, "status": status, **more}


def test_peers_are_sent_as_written_with_the_local_node_first(plane: ServerProcess) -> None:
    metadata = {"role": "control", "http3Support": False, "labels": {"env": "täst"}}
    data = {
        "localNodeId": "node-b",
        "peers": [
            peer("node-c", "Left"),
            peer("node-a", "Suspect", rttMs=2.1, lastSeen="2024-09-30T23:59:55.1234567+00:00"),
            peer("node-b", metadata=metadata),
        ],
    }
    plane.reset(data=data)
    reply = ask(plane.url, "GET", "/control/peers")
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
    assert reply.headers["date"] == "Thu, 02 Jan 2025 03:04:05 GMT"
    assert reply.body.decode() == (
        f'{{"schemaVersion":"v1","generatedAt":"{INSTANT}","localNodeId":"node-b","peers":['
        '{"nodeId":"node-b","status":"Alive","metadata":{"role":"control","http3Support":false,"labels":{"env":"täst"}}},'
        '{"nodeId":"node-a","status":"Suspect","lastSeen":"2024-09-30T23:59:55.1234567+00:00","rttMs":2.1,"metadata":{}},'
        '{"nodeId":"node-c","status":"Left","metadata":{}}]}'
    )
    assert ask(plane.url, "GET", "/omnirelay/control/peers").body == reply.body


def test_peers_are_in_the_order_of_utf_16_code_units(plane: ServerProcess) -> None:
    plane.reset(data={"peers": [peer("\ufffd"), peer("\U0001f600"), peer("a")]})
    document = ask(plane.url, "GET", "/control/peers").json
    assert isinstance(document, dict)
    assert [entry["nodeId"] for entry in document["peers"]] == ["a", "\U0001f600", "\ufffd"]


def test_no_data_is_an_empty_mesh(plane: ServerProcess) -> None:
    plane.reset(data=None)
    assert ask(plane.url, "GET", "/control/peers").json == {"schemaVersion": "v1", "generatedAt": INSTANT, "localNodeId": "", "peers": []}


def test_without_a_provider_peers_are_unavailable(plane: ServerProcess) -> None:
    plane.reset(data={"peers": None})
    reply = ask(plane.url, "GET", "/control/peers")
    assert (reply.status, reply.body) == (503, b'{"error":"Peer diagnostics provider unavailable."}')
    assert reply.headers["content-type"].startswith("text/plain") and "retry-after" not in reply.headers


@pytest.mark.parametrize("path", ROUTES)
def test_a_wrong_method_is_not_found(plane: ServerProcess, path: str) -> None:
    plane.reset()
    for method in METHODS:
        if method != ROUTES[path]:
            reply = ask(plane.url, method, path)
            assert (method, reply.status, reply.body, reply.headers["content-length"]) == (method, 404, b"", "0")
            assert "allow" not in reply.headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/control/peers/",
        "/Control/peers",
        "//control/peers",
        "/control%2Fpeers",
        "/control/upgrade/drain/",
        "/healthz/x",
        "/control/shards/",
        "/control/shards/list",
        "/requests",
        "/reset",
        "/faults",
    ],
)
def test_another_path_is_not_found(plane: ServerProcess, path: str) -> None:
    plane.reset()
    for method in ("GET", "POST"):
        reply = ask(plane.url, method, path)
        assert (reply.status, reply.body) == (404, b"")


def test_a_query_changes_nothing(plane: ServerProcess) -> None:
    plane.reset()
    assert ask(plane.url, "GET", "/healthz?verbose=1").status == 200


def test_upgrade_state_in_both_enum_forms(plane: ServerProcess) -> None:
    upgrade = {
        "state": "Drained",
        "reason": "rolling",
        "updatedAt": "2025-01-01T05:00:03.1234567+00:00",
        "participants": [{"name": " http-inbound:0 ", "updatedAt": "2025-01-01T05:00:02+00:00"}, {"name": "x", "state": "Failed", "lastError": "no"}],
    }
    plane.reset(data={"upgrade": upgrade}, enums="numbers")
    assert ask(plane.url, "GET", "/control/upgrade").body.decode() == (
        '{"state":2,"reason":"rolling","updatedAt":"2025-01-01T05:00:03.1234567+00:00","participants":['
        '{"name":"http-inbound:0","state":2,"updatedAt":"2025-01-01T05:00:02+00:00"},'
        f'{{"name":"x","state":3,"lastError":"no","updatedAt":"{INSTANT}"}}]}}'
    )
    plane.reset(data={"upgrade": upgrade})
    document = ask(plane.url, "GET", "/control/upgrade").json
    assert isinstance(document, dict)
    assert [document["state"], *(entry["state"] for entry in document["participants"])] == ["Drained", "Drained", "Failed"]


def test_peer_status_stays_a_name_when_enums_are_numbers(plane: ServerProcess) -> None:
    plane.reset(data={"peers": [peer("a", "Suspect")]}, enums="numbers")
    assert b'"status":"Suspect"' in ask(plane.url, "GET", "/control/peers").body


def test_introspection_is_indented_and_complete(plane: ServerProcess) -> None:
    plane.reset(data={"introspect": {"service": "demo-int", "procedures": {"unary": [{"name": "échо", "aliases": ["e"]}]}}})
    reply = ask(plane.url, "GET", "/omnirelay/introspect")
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
    text = reply.body.decode()
    assert text.startswith('{\n  "service": "demo-int",\n  "status": "Running",\n  "procedures": {\n    "unary": [\n      {\n        "name": "échо"')
    document = reply.json
    assert isinstance(document, dict)
    assert list(document) == ["service", "status", "procedures", "components", "outbounds", "middleware"]
    assert len(document["middleware"]) == 10 and document["procedures"]["duplex"] == []


def test_without_a_dispatcher_introspection_and_health_are_unavailable(plane: ServerProcess) -> None:
    plane.reset(data={"introspect": None})
    assert (ask(plane.url, "GET", "/omnirelay/introspect").status, ask(plane.url, "GET", "/omnirelay/introspect").body) == (503, b"")
    for path, mode in (("/healthz", "live"), ("/readyz", "ready")):
        reply = ask(plane.url, "GET", path)
        assert reply.status == 503
        assert reply.json == {"status": "unavailable", "mode": mode, "issues": ["dispatcher:unbound"], "activeRequests": 0, "draining": False}


def test_readiness_names_what_is_wrong(plane: ServerProcess) -> None:
    plane.reset(data={"introspect": {"status": "Created"}})
    assert ask(plane.url, "GET", "/healthz").json == {"status": "ok", "mode": "live", "issues": [], "activeRequests": 0, "draining": False}
    reply = ask(plane.url, "GET", "/readyz")
    assert (reply.status, reply.body) == (
        503,
        b'{"status":"unavailable","mode":"ready","issues":["dispatcher-status:Created"],"activeRequests":0,"draining":false}',
    )


def test_a_drained_node_refuses_peers_only(plane: ServerProcess) -> None:
    plane.reset()
    assert drain(plane.url).status == 200
    for path in ("/control/peers", "/omnirelay/control/peers"):
        reply = ask(plane.url, "GET", path)
        assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "1", b"")
    assert ask(plane.url, "GET", "/omnirelay/introspect").status == 200
    assert ask(plane.url, "GET", "/healthz").json == {"status": "ok", "mode": "live", "issues": [], "activeRequests": 0, "draining": True}
    ready = ask(plane.url, "GET", "/readyz")
    assert (ready.status, ready.json) == (
        503,
        {"status": "unavailable", "mode": "ready", "issues": ["http-inbound:draining"], "activeRequests": 0, "draining": True},
    )
    assert ask(plane.url, "POST", "/control/upgrade/resume").status == 200
    assert ask(plane.url, "GET", "/control/peers").status == 200


def test_a_live_clock_moves(plane: ServerProcess) -> None:
    plane.reset(clock="live")
    first, second = (ask(plane.url, "GET", "/control/peers").json for _ in range(2))
    assert isinstance(first, dict) and isinstance(second, dict)
    assert first["generatedAt"].endswith("+00:00") and first["generatedAt"] < second["generatedAt"]


def test_a_body_over_the_limit_is_refused(plane: ServerProcess) -> None:
    plane.reset()
    body = b"x" * (4 * 1024 * 1024 + 1)
    head = f"POST /control/upgrade/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with sent(plane.url, head.encode()) as connection:
        try:
            connection.sendall(body)
            answer = read_all(connection)
        except ConnectionError:  # the rest was not read: the server may already have closed
            answer = b""
    assert answer.startswith(b"HTTP/1.1 413 ") or answer == b""
    assert plane.requests()[0]["status"] == 413


def test_garbage_is_answered_and_not_recorded(plane: ServerProcess) -> None:
    plane.reset()
    with sent(plane.url, b"\x16\x03\x01 hello\r\n\r\n") as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")
    assert plane.requests() == []
    with sent(plane.url, get("/healthz", "Connection: close\r\n")) as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
