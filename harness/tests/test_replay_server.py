"""The server that answers from a recording gives the very bytes, the very ending and the very order, and records what it is asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from control_plane_support import connect, read_all

from harness.model.traffic import MARK, Ending, Exchange, Piece
from harness.replay.server import ReplayServer

FREE = "http://127.0.0.1:0"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


def exchange(answer: bytes, ending: Ending = Ending.OPEN, target: str = "/x", **more: object) -> Exchange:
    headers = ((MARK, "send"),) if more.get("marked") else ()
    pieces = (Piece(0.0, answer[:20]), Piece(0.01, answer[20:])) if answer else ()
    return Exchange("GET", target, headers, b"", pieces, ending)


@contextmanager
def serving(*exchanges: Exchange, url: str = FREE) -> Iterator[ReplayServer]:
    server = ReplayServer("plane", url, exchanges)
    with closing(server):
        yield server


def get(target: str = "/x", extra: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n{extra}\r\n".encode()


def test_the_nth_request_gets_the_nth_answer_and_the_last_one_from_then_on() -> None:
    with serving(exchange(OK + b"1\n"), exchange(OK + b"2\n"), exchange(OK + b"y\n", target="/y?q=1")) as server, connect(server.url) as connection:
        seen = []
        for target in ("/x", "/y?q=1", "/x", "/x"):
            connection.sendall(get(target))
            answer = b""
            while len(answer) < len(OK) + 2:
                answer += connection.recv(65_536)
            seen.append(answer[-2:-1])
        assert seen == [b"1", b"y", b"2", b"2"]
        assert [(item["path"], item["query"], item["status"], item["connection"]) for item in server.requests()] == [
            ("/x", "", 200, 1), ("/y", "q=1", 200, 1), ("/x", "", 200, 1), ("/x", "", 200, 1),
        ]  # fmt: skip


@pytest.mark.parametrize("answer", [b"garbage", OK + b"t", OK + b"ok", b""])
def test_bytes_and_the_end_of_the_connection_are_those_of_the_recording(answer: bytes) -> None:
    with serving(exchange(answer, Ending.CLOSE)) as server, connect(server.url) as connection:
        connection.sendall(get())
        assert read_all(connection) == answer


def test_a_reset_is_a_reset() -> None:
    with serving(exchange(b"", Ending.RESET)) as server, connect(server.url) as connection:
        connection.sendall(get())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_an_answer_that_never_came_does_not_come_and_does_not_keep_the_server_alive() -> None:
    with serving(exchange(b"", Ending.SILENT)) as server, connect(server.url) as connection:
        connection.sendall(get())
        # The request is recorded when it has been read: an end before that would be a reset.
        while not server.requests():
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)
        connection.setblocking(True)
        server.close()
        assert connection.recv(1) == b""
    assert not server.alive()


def test_requests_of_send_steps_have_answers_of_their_own() -> None:
    with serving(exchange(OK + b"p\n"), exchange(OK + b"s\n", marked=True)) as server:
        assert server.send("GET", "/x", None, {MARK: "send"}).body == b"s\n"
        assert server.send("GET", "/x", None, {}).body == b"p\n"


def test_what_was_never_recorded_and_what_is_no_http_is_said_so() -> None:
    with serving() as server:
        assert server.send("GET", "/z", None, {}).status == 501
        with connect(server.url) as connection:
            connection.sendall(b"\x00\x01\x02\r\n\r\n")
            assert read_all(connection).startswith(b"HTTP/1.1 400 ")
        assert [item["status"] for item in server.requests()] == [501]


def test_the_recorded_address_is_taken_when_it_is_free() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with serving(url=f"http://127.0.0.1:{port}") as server:
            assert server.url != f"http://127.0.0.1:{port}"
    with serving(url=f"http://127.0.0.1:{port}") as server:
        assert server.url == f"http://127.0.0.1:{port}"
