"""Every way of misbehaving, seen from a raw socket."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from harness.servers.client import ServerProcess, ServerRefused
from harness.tests.control_plane_support import CLOCK, ask, get, read_all, sent, state_of, until

PEERS = "/control/peers"
ON = {"on": f"GET {PEERS}"}
REQUEST = get(PEERS)
BODY = b'{"schemaVersion":"v1","generatedAt":"2025-01-02T03:04:05+00:00","localNodeId":"","peers":[]}'


@pytest.fixture(scope="module")
def plane() -> Iterator[ServerProcess]:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield server
    server.stop()


def exchange(plane: ServerProcess, fault: dict[str, object], request: bytes = REQUEST) -> tuple[bytes, bytes]:
    """Head and body as they came, up to the end of the connection."""
    plane.reset(faults=[{**ON, **fault}])
    with sent(plane.url, request) as connection:
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    return head, body


def closing(request: bytes = REQUEST) -> bytes:
    return request[:-2] + b"Connection: close\r\n\r\n"


def test_status_alone_has_no_body(plane: ServerProcess) -> None:
    head, body = exchange(plane, {"status": 503}, closing())
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n") and b"content-length: 0" in head and body == b""


def test_status_with_reason_headers_and_body_keeps_the_connection(plane: ServerProcess) -> None:
    answer = {"status": 418, "reason": "Short and stout", "headers": {"Retry-After": "7", "X-Two": ["a", "b"], "Content-Type": "text/plain"}, "body": "tëa"}
    plane.reset(faults=[{**ON, "nth": 1, **answer}])
    with sent(plane.url, REQUEST) as connection:
        head = b""
        while not head.endswith("tëa".encode()):
            head += connection.recv(65_536)
        assert head.startswith(b"HTTP/1.1 418 Short and stout\r\n")
        for line in (b"Retry-After: 7\r\n", b"X-Two: a\r\n", b"X-Two: b\r\n", b"Content-Type: text/plain\r\n", b"content-length: 4\r\n"):
            assert line in head
        connection.sendall(closing())
        assert read_all(connection).startswith(b"HTTP/1.1 200 OK\r\n")
    assert [entry["connection"] for entry in plane.requests()] == [1, 1]


def test_a_body_alone_is_an_answer_with_200(plane: ServerProcess) -> None:
    for text in ("null", "", "not json", '{"peers":'):
        head, body = exchange(plane, {"body": text}, closing())
        assert head.startswith(b"HTTP/1.1 200 OK\r\n") and body == text.encode()


def test_a_body_of_any_bytes(plane: ServerProcess) -> None:
    _, body = exchange(plane, {"bodyBase64": base64.b64encode(b"\xff\x00\xfe").decode()}, closing())
    assert body == b"\xff\x00\xfe"


@pytest.mark.parametrize("kept", [0, 1, 40, len(BODY) - 1])
def test_truncate_promises_all_and_sends_a_part(plane: ServerProcess, kept: int) -> None:
    head, body = exchange(plane, {"truncate": kept})
    assert f"content-length: {len(BODY)}".encode() in head and body == BODY[:kept]
    assert plane.requests()[0]["status"] == 200


def test_truncate_of_a_given_body(plane: ServerProcess) -> None:
    head, body = exchange(plane, {"status": 500, "body": "x" * 1000, "truncate": 10})
    assert head.startswith(b"HTTP/1.1 500 ") and b"content-length: 1000" in head and body == b"x" * 10


def test_a_truncated_answer_has_done_its_work(plane: ServerProcess) -> None:
    plane.reset(faults=[{"on": "POST /control/upgrade/drain", "truncate": 0}])
    with sent(plane.url, b"POST /control/upgrade/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}") as connection:
        assert b"200 OK" in read_all(connection)
    assert state_of(plane.url)["state"] == "Drained"


def test_chunked_sends_pieces_without_a_length(plane: ServerProcess) -> None:
    head, body = exchange(plane, {"chunked": 50}, closing())
    assert b"content-length" not in head.lower() and b"transfer-encoding: chunked" in head.lower()
    assert body == b"32\r\n" + BODY[:50] + b"\r\n" + f"{len(BODY) - 50:x}\r\n".encode() + BODY[50:] + b"\r\n0\r\n\r\n"


def test_chunked_and_truncated_never_ends(plane: ServerProcess) -> None:
    _, body = exchange(plane, {"chunked": 7, "truncate": 7})
    assert body == b"7\r\n" + BODY[:7] + b"\r\n"


def test_reset_is_a_tcp_reset(plane: ServerProcess) -> None:
    plane.reset(faults=[{**ON, "reset": True}])
    with sent(plane.url, REQUEST) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert plane.requests()[0]["status"] is None


def test_close_ends_in_good_order_without_a_byte(plane: ServerProcess) -> None:
    assert exchange(plane, {"close": True}) == (b"", b"")


def test_garbage_is_sent_as_it_is(plane: ServerProcess) -> None:
    assert exchange(plane, {"garbage": "HTP/1.1 2x0\n\n\u00fc"}) == ("HTP/1.1 2x0\n\n\u00fc".encode(), b"")
    assert exchange(plane, {"garbageBase64": base64.b64encode(b"\x00\xff").decode()}) == (b"\x00\xff", b"")
    assert plane.requests()[0]["status"] is None


def test_hang_never_answers_and_others_are_served(plane: ServerProcess) -> None:
    plane.reset(faults=[{**ON, "nth": 1, "hang": True}])
    with sent(plane.url, REQUEST) as connection:
        until(plane.requests, bool)
        assert ask(plane.url, "GET", PEERS).status == 200
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
        assert [entry["status"] for entry in plane.requests()] == [None, 200]


def test_delay_delays_and_ends_with_the_client(plane: ServerProcess) -> None:
    plane.reset(faults=[{**ON, "nth": 1, "delay": "30m"}])
    with sent(plane.url, REQUEST) as connection:
        until(plane.requests, bool)
        assert ask(plane.url, "GET", PEERS).status == 200
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    until(lambda: ask(plane.url, "GET", "/healthz").json["activeRequests"], lambda active: active == 0)


@pytest.mark.parametrize(("extra", "start"), [({}, b"HTTP/1.1 200 OK"), ({"status": 500}, b"HTTP/1.1 500 "), ({"garbage": "?"}, b"?"), ({"close": True}, b"")])
def test_a_delay_ends_and_combines(plane: ServerProcess, extra: dict[str, object], start: bytes) -> None:
    head, _ = exchange(plane, {"delay": "5ms", **extra}, closing())
    assert head.startswith(start) and (start != b"" or head == b"")


def test_body_delay_sends_the_headers_first(plane: ServerProcess) -> None:
    plane.reset(faults=[{**ON, "bodyDelay": "30m"}])
    with sent(plane.url, REQUEST) as connection:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        assert f"content-length: {len(BODY)}".encode() in head
        until(plane.requests, lambda entries: entries[0]["status"] == 200)
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    _, body = exchange(plane, {"bodyDelay": "5ms"}, closing())
    assert body == BODY


def test_nth_counts_calls_of_the_route_and_the_first_match_wins(plane: ServerProcess) -> None:
    plane.reset(
        faults=[{**ON, "nth": 2, "status": 502}, {**ON, "nth": 2, "status": 599}, {**ON, "nth": 4, "status": 500}, {"on": "GET /healthz", "status": 504}]
    )
    statuses = [ask(plane.url, "GET", path).status for path in (PEERS, "/readyz", f"{PEERS}?page=1", "/healthz", PEERS, PEERS, PEERS)]
    assert statuses == [200, 200, 502, 504, 200, 500, 200]


def test_faults_also_answer_what_is_no_route(plane: ServerProcess) -> None:
    plane.reset(faults=[{"on": "DELETE /anything", "status": 200, "body": "{}"}])
    assert ask(plane.url, "DELETE", "/anything").body == b"{}"


def test_faults_are_replaced_and_counted_anew(plane: ServerProcess) -> None:
    plane.reset(faults=[{**ON, "nth": 1, "status": 500}])
    assert ask(plane.url, "GET", PEERS).status == 500
    plane.set_faults([{**ON, "nth": 1, "status": 501}])
    assert [ask(plane.url, "GET", PEERS).status for _ in range(2)] == [501, 200]
    plane.reset()
    assert ask(plane.url, "GET", PEERS).status == 200


def test_a_204_has_neither_body_nor_length(plane: ServerProcess) -> None:
    head, body = exchange(plane, {"status": 204}, closing())
    assert head.startswith(b"HTTP/1.1 204 No Content\r\n") and b"content-length" not in head and body == b""


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"on": "GET /x", "statsu": 500}, 'faults: $[0]: unknown key "statsu"; did you mean "status"?'),
        ({"status": 500}, 'faults: $[0]: the key "on" is missing'),
        ({"on": "get /x", "status": 500}, 'faults: $[0].on: text "get /x" is not a method and a path, such as "GET /control/peers"'),
        ({"on": "GET /x"}, 'faults: $[0]: does nothing; add "delay", "status", "body", "truncate", "reset", "close", "hang" or "garbage"'),
        (
            {"on": "GET /x", "status": 500, "reset": True},
            'faults: $[0]: only one of "status"/"body", "reset", "close", "hang" and "garbage" can answer a request',
        ),
        ({"on": "GET /x", "reset": False}, "faults: $[0].reset: the only accepted value is true; leave the key out otherwise"),
        ({"on": "GET /x", "reason": "x"}, 'faults: $[0]: "reason" and "headers" need a "status" or a "body" beside them'),
        (
            {"on": "GET /x", "status": 500, "headers": {"Content-Length": "1"}},
            'faults: $[0].headers["Content-Length"]: this header belongs to the framing of the answer; use truncate, chunked, close or garbage instead',
        ),
        ({"on": "GET /x", "status": 500, "headers": {"a": "x\r\ny: z"}}, None),
        ({"on": "GET /x", "status": 500, "headers": {"a b": "x"}}, None),
        ({"on": "GET /x", "status": 500, "reason": "a\nb"}, None),
        ({"on": "GET /x", "status": 199}, "faults: $[0].status: must be between 200 and 599"),
        ({"on": "GET /x", "delay": "5"}, None),
        ({"on": "GET /x", "delay": 5}, 'faults: $[0].delay: expected a duration such as "300ms", found a number'),
        ({"on": "GET /x", "delay": "2h"}, 'faults: $[0].delay: text "2h" is more than the limit of 3600s'),
        ({"on": "GET /x", "bodyBase64": "*"}, "faults: $[0].bodyBase64: not base64"),
        ({"on": "GET /x", "garbage": "x", "truncate": 1}, None),
        ({"on": "GET /x", "status": 204, "body": "x"}, 'faults: $[0]: an answer with status 204 cannot have a "body"'),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_a_mistake_in_a_fault_is_named(plane: ServerProcess, fault: dict[str, object], message: str | None) -> None:
    plane.reset()
    with pytest.raises(ServerRefused) as refused:
        plane.set_faults([fault])
    assert str(refused.value).startswith("faults: $[0]") and (message is None or str(refused.value) == message)
    assert ask(plane.url, "GET", "/healthz").status == 200
