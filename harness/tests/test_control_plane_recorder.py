"""The recording holds every request as it was received, numbered in the order of arrival."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from harness.servers.client import ServerProcess
from harness.tests.control_plane_support import CLOCK, ask, get, read_all, sent, until


@pytest.fixture(scope="module")
def plane() -> Iterator[ServerProcess]:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield server
    server.stop()


def test_a_request_is_recorded_as_received(plane: ServerProcess) -> None:
    plane.reset()
    body = b'{"reason": "\xc3\xa4"}'
    request = (
        b"POST /control/upgrade/drain?x=%20a&x HTTP/1.1\r\nHost: Example\r\nX-b: 2\r\nCONTENT-TYPE: application/json\r\nx-B: \xe4  1\r\n"
        b"Content-Length: 16\r\nConnection: close\r\n\r\n" + body
    )
    with sent(plane.url, request) as connection:
        read_all(connection)
    assert plane.requests() == [
        {
            "n": 1,
            "method": "POST",
            "path": "/control/upgrade/drain",
            "query": "x=%20a&x",
            "headers": [
                ["Host", "Example"],
                ["X-b", "2"],
                ["CONTENT-TYPE", "application/json"],
                ["x-B", "\xe4  1"],
                ["Content-Length", "16"],
                ["Connection", "close"],
            ],
            "body": '{"reason": "ä"}',
            "body_base64": base64.b64encode(body).decode(),
            "json": {"reason": "ä"},
            "connection": 1,
            "status": 200,
        }
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"", ""), (b"\xff\x00", None), (b"{", "{"), (b'{"a":1,"a":2}', '{"a":1,"a":2}'), (b"NaN", "NaN"), (b"[" * 3000, "[" * 3000), (b'"\\ud800"', '"\\ud800"')],
)
def test_a_body_that_is_no_json_has_none(plane: ServerProcess, body: bytes, text: str | None) -> None:
    plane.reset()
    ask(plane.url, "PUT", "/nowhere", body)
    entry = plane.requests()[0]
    assert entry["body"] == text and "json" not in entry and entry["status"] == 404
    assert base64.b64decode(str(entry["body_base64"])) == body


@pytest.mark.parametrize(("body", "value"), [(b"null", None), (b"0", 0), (b"[1, 2.5]", [1, 2.5])])
def test_a_body_that_is_json_has_its_value(plane: ServerProcess, body: bytes, value: object) -> None:
    plane.reset()
    ask(plane.url, "PUT", "/nowhere", body)
    assert plane.requests()[0]["json"] == value


def test_the_path_is_kept_as_written(plane: ServerProcess) -> None:
    plane.reset()
    assert ask(plane.url, "GET", "/control/%70eers").status == 200
    assert plane.requests()[0]["path"] == "/control/%70eers"


def test_a_chunked_body_is_joined(plane: ServerProcess) -> None:
    plane.reset()
    request = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with sent(plane.url, request) as connection:
        read_all(connection)
    assert plane.requests()[0]["body"] == "abcde"


def test_requests_and_connections_are_numbered(plane: ServerProcess) -> None:
    plane.reset()
    with sent(plane.url, get("/healthz") + get("/readyz")) as first:
        until(plane.requests, lambda entries: len(entries) == 2)
        ask(plane.url, "GET", "/control/upgrade")
        first.sendall(get("/control/peers", "Connection: close\r\n"))
        assert read_all(first).count(b"HTTP/1.1 200 ") == 3
    assert [(entry["n"], entry["connection"], entry["path"]) for entry in plane.requests()] == [
        (1, 1, "/healthz"),
        (2, 1, "/readyz"),
        (3, 2, "/control/upgrade"),
        (4, 1, "/control/peers"),
    ]


def test_a_reset_clears_the_recording(plane: ServerProcess) -> None:
    plane.reset()
    ask(plane.url, "GET", "/healthz")
    assert len(plane.requests()) == 1 and len(plane.requests()) == 1
    plane.reset()
    assert plane.requests() == []
    ask(plane.url, "GET", "/healthz")
    assert [(entry["n"], entry["connection"]) for entry in plane.requests()] == [(1, 1)]


def test_requests_answered_by_faults_are_recorded_with_their_bodies(plane: ServerProcess) -> None:
    on = {"on": "POST /x"}
    kinds = ({"reset": True}, {"close": True}, {"garbage": "?"}, {"status": 503}, {"body": "x"}, {"truncate": 0})
    plane.reset(faults=[{**on, "nth": n, **kind} for n, kind in enumerate(kinds, 1)])
    for number in range(1, 7):
        with sent(plane.url, f"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{number}".encode()) as connection:
            try:
                read_all(connection)
            except ConnectionResetError:
                assert number == 1
    assert [(entry["n"], entry["body"], entry["status"]) for entry in plane.requests()] == [
        (1, "1", None),
        (2, "2", None),
        (3, "3", None),
        (4, "4", 503),
        (5, "5", 200),
        (6, "6", 404),
    ]


def test_a_client_that_leaves_at_once_is_recorded(plane: ServerProcess) -> None:
    for _ in range(20):
        plane.reset(faults=[{"on": "GET /control/peers", "hang": True}])
        with sent(plane.url, get("/control/peers")):
            pass
        assert [(entry["path"], entry["status"]) for entry in plane.requests()] == [("/control/peers", None)]


def test_a_client_that_leaves_within_its_body_changes_nothing(plane: ServerProcess) -> None:
    plane.reset()
    with sent(plane.url, b"POST /control/upgrade/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{}"):
        until(plane.requests, bool)
    until(plane.requests, lambda entries: entries[0]["body"] == "{}")
    assert ask(plane.url, "GET", "/control/upgrade").json["state"] == "Active"
    assert plane.requests()[0]["status"] is None
