"""The HTTP reader against h11 as the oracle: the same bytes are accepted or refused, with the same status and body."""

from __future__ import annotations

import re
from dataclasses import dataclass

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnirelay.transport import response_reader
from omnirelay.transport.response_reader import ResponseFault, ResponseReader


@dataclass(frozen=True, slots=True)
class Result:
    """Status and body, or None for a refusal."""

    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def by_h11(data: bytes, method: str) -> Result | None:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    response: h11.Response | None = None
    body = b""
    try:
        for piece in (data, b""):
            connection.receive_data(piece)
            while True:
                event = connection.next_event()
                if isinstance(event, h11.Response):
                    response = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    assert response is not None
                    return Result(response.status_code, bytes(response.reason), tuple(response.headers), body)
                elif event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                    break
    except h11.RemoteProtocolError:
        return None
    return None


def by_us(data: bytes, method: str, cuts: list[int]) -> Result | None:
    reader = ResponseReader(method)
    try:
        start = 0
        for cut in [*sorted(cuts), len(data)]:
            if cut > start and not reader.done:
                reader.feed(data[start:cut])
                start = cut
        if not reader.done:
            reader.finish()
    except ResponseFault:
        return None
    return Result(reader.status, reader.reason.encode("utf-8", "replace"), tuple(reader.headers), reader.body)


LINE_END = st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r", b"\r\r\n"])
VERSION = st.sampled_from([b"HTTP/1.1"] * 10 + [b"HTTP/1.0", b"http/1.1", b"HTTP/1.12", b"HTTP/1.", b"HTTP /1.1", b"HTT", b"ICY"])
STATUS = st.sampled_from([b"200"] * 8 + [b"204", b"304", b"100", b"101", b"103", b"404", b"503", b"999", b"099", b"20", b"2000", b"2x0", b""])
REASON = st.sampled_from([b" OK", b"", b" ", b" Not Found", b" \xff\xfe", b" a\x00b", b"OK", b" a\x01b", b"  twice", b" tab\tbed"])
FIELD = st.sampled_from(
    [
        b"Content-Length: 5", b"Content-Length: 5", b"content-length:5", b"Content-Length: 3", b"Content-Length: 0", b"Content-Length: 5, 5",
        b"Content-Length: -1", b"Content-Length: +5", b"Content-Length: 5,6", b"Content-Length: ", b"Content-Length: 99999999999999999999999",
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", b"Transfer-Encoding: CHUNKED", b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding:", b"Transfer-Encoding: identity", b"X: y", b"X-A : y", b" folded", b"\tfolded more", b": empty", b"NoColon", b"X:\x00",
        b"X: a\x0bb", b"X: \xc3\xa9", b"X:", b"X: a  \t", b"Bad\x01Name: x", b"Connection: close", b"X: a\rb",
    ]
)  # fmt: skip
BODY = st.sampled_from(
    [
        b"hello", b"hel", b"hello and more", b"", b"5\r\nhello\r\n0\r\n\r\n", b"5;ext=1\r\nhello\r\n0\r\n\r\n", b"5 \t\r\nhello\r\n0\r\nX: y\r\n\r\n",
        b"5\r\nhello\r\n", b"5\r\nhello!\r\n0\r\n\r\n", b"g\r\nhello\r\n0\r\n\r\n", b"\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n",
        b"000000000000000000005\r\nhello\r\n0\r\n\r\n", b"05\r\nhello\r\n00\r\n\r\n", b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\ntrailing",
        b"0\r\n\r\n", b"0\r\nbad trailer\r\n\r\n", b"0\r\n\n", b"5 ;x\r\nhello\r\n0\r\n\r\n", b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"0\r\nContent-Length: x\r\n\r\n",
    ]
)  # fmt: skip


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    parts = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
        end = draw(LINE_END)
        parts.append(draw(VERSION) + b" " + draw(STATUS) + draw(REASON) + end)
        parts += [field + draw(LINE_END) for field in draw(st.lists(FIELD, max_size=4))]
        parts.append(draw(LINE_END))
    data = bytearray(b"".join(parts) + draw(BODY))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.sampled_from(b"\r\n\x00 :,;0159aHT\xff"))
    return bytes(data)


def plain_fields(result: Result) -> list[tuple[bytes, bytes]]:
    """The header without the framing fields, whose values h11 rewrites."""
    return [field for field in result.headers if field[0] not in (b"content-length", b"transfer-encoding")]


def known_difference(data: bytes) -> bool:
    """What is refused here and accepted by h11: HTTP versions other than 1.x."""
    return re.search(rb"HTTP/[02-9]\.\d ", data) is not None


@settings(max_examples=3000, deadline=None, derandomize=True)
@given(data=responses(), method=st.sampled_from(["GET", "GET", "HEAD", "POST"]), cuts=st.lists(st.integers(0, 200), max_size=6))
@example(data=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", method="GET", cuts=list(range(60)))
@example(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", method="GET", cuts=list(range(90)))
@example(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n", method="GET", cuts=[])
@example(data=b"HTTP/1.1 200 OK\r\nX: a\r\n b \t\r\n c\r\nContent-Length: 0\r\n\r\n", method="GET", cuts=[])
def test_agrees_with_h11(data: bytes, method: str, cuts: list[int]) -> None:
    expected, found = by_h11(data, method), by_us(data, method, cuts)
    if known_difference(data):
        assert found is None or found == by_us(data, method, [])
        return
    if expected is None or found is None:
        assert found == expected, data
        return
    assert (found.status, found.body) == (expected.status, expected.body), data
    assert plain_fields(found) == plain_fields(expected), data


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(data=st.one_of(st.binary(max_size=200), responses()), cuts=st.lists(st.integers(0, 200), max_size=8))
def test_cuts_do_not_matter_and_nothing_but_a_fault_is_raised(data: bytes, cuts: list[int]) -> None:
    assert by_us(data, "GET", cuts) == by_us(data, "GET", [])


def test_most_generated_responses_are_worth_reading() -> None:
    """Guards the fuzz test: both outcomes must be common."""
    from hypothesis import find

    assert find(responses(), lambda data: by_us(data, "GET", []) is not None)
    assert find(responses(), lambda data: by_us(data, "GET", []) is None)


def fault(data: bytes, eof: bool = True) -> ResponseFault:
    reader = ResponseReader("GET", body_limit=1 << 20)
    with pytest.raises(ResponseFault) as caught:
        reader.feed(data)
        if eof:
            reader.finish()
    return caught.value


@pytest.mark.parametrize(
    ("data", "cause", "text"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "garbage", "the answer is not HTTP: it starts with 'SSH-2.0-OpenSSH\\r\\n'"),
        (b"\x15\x03\x01", "garbage", "the answer is not HTTP: it starts with '\\x15\\x03\\x01'"),
        (b"HTTP/2.0 200 OK\r\n\r\n", "garbage", "the answer is not HTTP/1.1: its first line is 'HTTP/2.0 200 OK'"),
        (b"HTTP/1.1 200 OK\r\nbad\r\n\r\n", "garbage", "the answer has a malformed header line: 'bad'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "garbage", "the answer's content-length is not valid: 'x'"),
        (b"", "truncated", "the connection was closed without an answer"),
        (b"HTTP/1.1 200", "truncated", "the answer was cut short inside its header"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 100, "truncated", "the answer was cut short: 100 of 5000 bytes received"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "truncated",
            "the answer was cut short: 5 bytes received, the last chunk is missing",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "unsupported", "the transfer encoding is not supported: 'gzip'"),
        (b"HTTP/1.1 101 Up\r\n\r\n", "unsupported", "the server wants to switch protocols, which was not asked for"),
    ],
)
def test_faults_say_what_is_wrong(data: bytes, cause: str, text: str) -> None:
    found = fault(data)
    assert (found.cause, found.text) == (cause, text)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 100 Go on\r\n\r\n" * 4000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1048577,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1" + b";" * 5000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: " + b"y" * 70_000,
    ],
)
def test_limits_hold_before_the_end_of_the_input(data: bytes) -> None:
    assert fault(data, eof=False).cause == response_reader.TOO_LARGE
