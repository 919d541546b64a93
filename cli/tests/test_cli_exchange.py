"""The HTTP client against real loopback servers that do one thing wrong each."""

from __future__ import annotations

import socket
import threading

import pytest
from cli_loopback import OK, Answer, Server, hangs, resets, says, serving

from omnirelay.transport import address as addresses
from omnirelay.transport import http_client
from omnirelay.transport.http_client import Deadline, ExchangeFault, Request, exchange
from omnirelay.transport.response_reader import ResponseReader


def get(url: str, seconds: float = 20.0, method: str = "GET", body: bytes | None = None) -> ResponseReader:
    headers = () if body is None else (("Content-Type", "text/plain"),)
    return exchange(Request(method, addresses.parse(url), headers, body, "test"), Deadline(seconds))


def fault(url: str, seconds: float = 20.0) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as caught:
        get(url, seconds)
    return caught.value


def local(server: Server, path: str = "/") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def test_a_request_holds_what_the_contract_says_and_no_more() -> None:
    with serving(says(OK)) as server:
        assert get(local(server, "/a?b")).body == b"ok"
        get(local(server, "/p"), method="POST", body="ü".encode())
        get(local(server, "/p"), method="POST")
    host = f"Host: 127.0.0.1:{server.port}\r\nUser-Agent: test\r\nConnection: close\r\n".encode()
    assert server.requests == [
        b"GET /a?b HTTP/1.1\r\n" + host + b"\r\n",
        b"POST /p HTTP/1.1\r\n" + host + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n\xc3\xbc",
        b"POST /p HTTP/1.1\r\n" + host + b"Content-Length: 0\r\n\r\n",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nT: r\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_bodies_of_every_framing(data: bytes) -> None:
    with serving(says(data)) as server:
        assert get(local(server)).body == b"ok"


def test_a_complete_answer_is_enough_even_if_the_server_keeps_the_connection() -> None:
    with serving(hangs(OK)) as server:
        assert get(local(server)).body == b"ok"


def test_ipv6() -> None:
    with serving(says(OK), family=socket.AF_INET6, host="::1") as server:
        assert get(f"http://[::1]:{server.port}/").body == b"ok"
        assert b"Host: [::1]:" in server.requests[0]


def test_localhost_falls_back_to_the_other_family() -> None:
    with serving(says(OK), family=socket.AF_INET6, host="::1") as server:
        assert get(f"http://localhost:{server.port}/").body == b"ok"


def test_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = fault(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert (found.cause, found.text) == (http_client.REFUSED, "connection refused")


def test_a_name_that_does_not_exist() -> None:
    found = fault("http://name.invalid/")
    assert (found.cause, found.text) == (http_client.NAME, "the host name 'name.invalid' could not be resolved")
    assert fault("http://[1::2::3]/").cause == http_client.NAME


@pytest.mark.parametrize(
    ("answer", "cause", "text"),
    [
        (resets, http_client.RESET, "the connection was reset by the server"),
        (says(b""), "truncated", "the connection was closed without an answer"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), "truncated", "the answer was cut short: 3 of 10 bytes received"),
        (says(b"hello there"), "garbage", "the answer is not HTTP: it starts with 'hello there'"),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000), "too-large", "the answer's header is larger than the limit of 64 KiB"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 268435457\r\n\r\n"), "too-large", "the answer is larger than the limit of 256 MiB"),
        (
            says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
            "unsupported",
            "the content encoding 'gzip' is not supported and was not asked for",
        ),
    ],
)
def test_wrong_answers(answer: Answer, cause: str, text: str) -> None:
    with serving(answer) as server:
        found = fault(local(server))
    assert (found.cause, found.text) == (cause, text)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_the_time_limit_holds_wherever_the_server_stops(data: bytes) -> None:
    with serving(hangs(data)) as server:
        assert fault(local(server), 0.15).cause == http_client.TIMED_OUT


def test_a_server_that_trickles_does_not_prolong_the_limit() -> None:
    stop = threading.Event()

    def trickle(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not stop.wait(0.02):
            connection.sendall(b"x")

    with serving(trickle) as server:
        try:
            assert fault(local(server), 0.3).cause == http_client.TIMED_OUT
        finally:
            stop.set()


def test_no_time_means_no_connection() -> None:
    with serving(says(OK)) as server:
        assert fault(local(server), 0.0).cause == http_client.TIMED_OUT
    assert server.requests == []


def test_a_large_request_body_is_sent_whole() -> None:
    body = bytes(range(256)) * 8192
    with serving(says(OK)) as server:
        get(local(server), method="POST", body=body)
    assert server.requests[0].partition(b"\r\n\r\n")[2] == body


def redirect(status: int, location: str) -> Answer:
    return says(f"HTTP/1.1 {status} There\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("status", "method", "body", "then"),
    [
        (301, "GET", None, b"GET /new HTTP/1.1"), (302, "POST", b"x", b"GET /new HTTP/1.1"), (303, "POST", b"x", b"GET /new HTTP/1.1"),
        (307, "POST", b"x", b"POST /new HTTP/1.1"), (308, "POST", b"x", b"POST /new HTTP/1.1"),
    ],
)  # fmt: skip
def test_redirects(status: int, method: str, body: bytes | None, then: bytes) -> None:
    with serving(redirect(status, "/new"), says(OK)) as server:
        assert get(local(server, "/old"), method=method, body=body).body == b"ok"
    assert server.requests[1].startswith(then)
    assert server.requests[1].endswith(b"\r\n\r\nx" if then.startswith(b"POST") else b"\r\n\r\n")


def test_redirects_end_somewhere() -> None:
    with serving(redirect(302, "/again")) as server:
        assert fault(local(server)).text == "the server redirects more than 10 times"
        assert len(server.requests) == 11
    with serving(redirect(302, "https://127.0.0.1/")) as server:
        assert fault(local(server)).cause == http_client.TLS
    with serving(redirect(302, "ftp://127.0.0.1/")) as server:
        assert fault(local(server)).cause == http_client.REDIRECT
    with serving(says(b"HTTP/1.1 302 Nowhere\r\nContent-Length: 0\r\n\r\n")) as server:
        assert get(local(server)).status == 302


def test_https_says_that_tls_is_not_built_in() -> None:
    found = fault("https://127.0.0.1:1/")
    assert (found.cause, "TLS is not built into this release" in found.text) == (http_client.TLS, True)
