"""One HTTP/1.1 exchange over `_socket`, under one deadline for everything: look-up, connect, send and receive.

Every way to fail is one ExchangeFault with a cause and a text of one line. Numeric addresses and localhost are not looked up;
other names are (`name_lookup`).
"""

from __future__ import annotations

import _socket
import time

from omnirelay.transport import address as addresses
from omnirelay.transport.response_reader import ResponseFault, ResponseReader

REDIRECT_LIMIT = 10
_PIECE = 256 * 1024
_LONGEST_WAIT = 86400.0
_SHORTEST_SHARE = 2.0
_NO_SIGNAL = getattr(_socket, "MSG_NOSIGNAL", 0)
_RESET = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)

TIMED_OUT = "timed-out"
REFUSED = "refused"
UNREACHABLE = "unreachable"
NAME = "name"
RESET = "reset"
REDIRECT = "redirect"
TLS = "tls"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay.transport.address import Address


class ExchangeFault(Exception):
    """No usable response; `cause` is one of the words above or of response_reader."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause
        self.text = text


class Request:
    """What is sent; `headers` do not hold Host, User-Agent, Connection and Content-Length, which are added."""

    __slots__ = ("address", "agent", "body", "headers", "method")

    def __init__(self, method: str, address: Address, headers: tuple[tuple[str, str], ...], body: bytes | None, agent: str) -> None:
        self.method = method
        self.address = address
        self.headers = headers
        self.body = body
        self.agent = agent

    def encoded(self) -> bytes:
        """The bytes on the wire."""
        lines = [
            self.method + " " + self.address.target + " HTTP/1.1",
            "Host: " + self.address.authority,
            "User-Agent: " + self.agent,
            "Connection: close",
        ]
        for name, value in self.headers:
            lines.append(name + ": " + value)
        if self.body is not None or self.method not in ("GET", "HEAD"):
            lines.append("Content-Length: " + str(len(self.body or b"")))
        return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + (self.body or b"")


class Deadline:
    """One point in time that every step has to keep."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, above zero, or ExchangeFault."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise ExchangeFault(TIMED_OUT, "timed out")
        return min(left, _LONGEST_WAIT)


def exchange(request: Request, deadline: Deadline) -> ResponseReader:
    """The response, after redirects. A body is only sent again where the status says so (307, 308)."""
    for _ in range(REDIRECT_LIMIT + 1):
        response = _exchange_once(request, deadline)
        location = response.header(b"location")
        if response.status not in (301, 302, 303, 307, 308) or location is None:
            _check_encoding(response)
            return response
        try:
            target = addresses.resolve(request.address, location.decode("utf-8", "replace"))
        except addresses.AddressFault as fault:
            raise ExchangeFault(REDIRECT, "the server redirects to an address that cannot be used: " + str(fault)) from None
        changes = response.status == 303 or (response.status in (301, 302) and request.method == "POST")
        if changes and request.method != "HEAD":
            kept = [header for header in request.headers if header[0] != "Content-Type"]
            request = Request("GET", target, tuple(kept), None, request.agent)
        else:
            request = Request(request.method, target, request.headers, request.body, request.agent)
    raise ExchangeFault(REDIRECT, f"the server redirects more than {REDIRECT_LIMIT} times")


def _exchange_once(request: Request, deadline: Deadline) -> ResponseReader:
    if request.address.scheme != "http":
        raise ExchangeFault(TLS, "https is not available, because TLS is not built into this release")
    connection = _connect(request.address, deadline)
    try:
        _send(connection, request.encoded(), deadline)
        return _receive(connection, request.method, deadline)
    except ResponseFault as fault:
        raise ExchangeFault(fault.cause, fault.text) from None
    finally:
        connection.close()


def _check_encoding(response: ResponseReader) -> None:
    coding = response.header(b"content-encoding")
    if coding is not None and response.body and coding.lower() not in (b"", b"identity"):
        from omnirelay.render.safe_text import shortened

        name = shortened(coding.decode("utf-8", "replace"), 40)
        raise ExchangeFault("unsupported", "the content encoding '" + name + "' is not supported and was not asked for")


def _candidates(address: Address, deadline: Deadline) -> list[tuple[int, str]]:
    """Family and numeric host of every address to try, in order."""
    host = address.host
    if host.lower() == "localhost":
        return [(_socket.AF_INET, "127.0.0.1"), (_socket.AF_INET6, "::1")]
    for family in (_socket.AF_INET, _socket.AF_INET6):
        try:
            _socket.inet_pton(family, host)
        except OSError:
            continue
        return [(family, host)]
    if ":" in host:
        raise ExchangeFault(NAME, "'" + host + "' is not an IPv6 address")
    from omnirelay.transport.name_lookup import look_up

    try:
        found = look_up(host.encode("ascii"), address.port, deadline.remaining())
    except OSError:
        raise ExchangeFault(NAME, "the host name '" + host + "' could not be resolved") from None
    if found is None:
        raise ExchangeFault(TIMED_OUT, "timed out")
    return found


def _connect(address: Address, deadline: Deadline) -> _socket.socket:
    """A connection to the first address that answers; a silent one only gets its share of the time."""
    candidates = _candidates(address, deadline)
    failure = ExchangeFault(NAME, "the host name '" + address.host + "' has no address")
    for index, (family, host) in enumerate(candidates):
        left = deadline.remaining()
        share = left
        if index + 1 < len(candidates):
            share = min(left, max(left / (len(candidates) - index), _SHORTEST_SHARE))
        try:
            connection = _socket.socket(family, _socket.SOCK_STREAM)
        except OSError as problem:
            failure = _network_fault(problem, failure)
            continue
        try:
            connection.settimeout(share)
            connection.connect((host, address.port))
        except OSError as problem:
            connection.close()
            failure = _network_fault(problem, failure)
            continue
        return connection
    raise failure


def _network_fault(problem: OSError, earlier: ExchangeFault | None = None) -> ExchangeFault:
    """The fault for a failed socket call. The first refusal is what the operator wants to hear of."""
    number = problem.errno
    if isinstance(problem, TimeoutError) and number is None:
        return ExchangeFault(TIMED_OUT, "timed out")
    if isinstance(problem, ConnectionRefusedError):
        return ExchangeFault(REFUSED, "connection refused")
    if earlier is not None and earlier.cause == REFUSED:
        return earlier
    if isinstance(problem, _RESET):
        return ExchangeFault(RESET, "the connection was reset by the server")
    from omnirelay.transport import network_reasons

    reason = network_reasons.WORDS.get(number or 0) or f"{problem.strerror} (error {number})"
    return ExchangeFault(UNREACHABLE, "the server cannot be reached: " + reason)


def _send(connection: _socket.socket, data: bytes, deadline: Deadline) -> None:
    while data:
        try:
            connection.settimeout(deadline.remaining())
            data = data[connection.send(data, _NO_SIGNAL) :]
        except OSError as problem:
            if isinstance(problem, _RESET):
                # The server may have answered and closed before it read everything; receiving will tell.
                return
            raise _network_fault(problem) from None


def _receive(connection: _socket.socket, method: str, deadline: Deadline) -> ResponseReader:
    reader = ResponseReader(method)
    while not reader.done:
        try:
            connection.settimeout(deadline.remaining())
            data = connection.recv(_PIECE)
        except OSError as problem:
            raise _network_fault(problem) from None
        if data:
            reader.feed(data)
        else:
            reader.finish()
    return reader
