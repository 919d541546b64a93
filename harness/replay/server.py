"""A small real server that answers from recorded traffic: byte for byte, as late as it was, and with the same end of the connection.

The nth request for a target gets the nth answer that was recorded for it, and the last one from then on; requests of the harness's own (``send`` steps)
are counted apart from those of the program. A request that was never recorded is answered with 501 and shows up among the differences. What is recorded
is what went through TLS, so a server with TLS answers the same bytes under certificates of its own that are as right or wrong as those were.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import h11

from harness.faults import ServerFault
from harness.model.reply import Reply
from harness.model.traffic import Ending, Exchange, StateChange, is_marked
from harness.servers.asking import ask
from harness.servers.recorder import MAX_BODY, Recorder
from harness.servers.security import secured, told
from harness.servers.tls import Tls

_MAX_HEAD: Final = 64 * 1024
_LINGER_ZERO: Final = struct.pack("ii", 1, 0)
_JOIN: Final = 5.0
_Key = tuple[bool, str, str]


class ReplayServer:
    """Serves until ``close``; records what it gets like the server whose place it takes."""

    def __init__(self, name: str, url: str, exchanges: tuple[Exchange, ...], tls: Tls | None = None) -> None:
        self._name = name
        self._answers: dict[_Key, list[Exchange]] = {}
        for exchange in exchanges:
            self._answers.setdefault((is_marked(exchange.headers), exchange.method, exchange.target), []).append(exchange)
        self._counts: dict[_Key, int] = {}
        self._recorder = Recorder()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._connections: set[socket.socket] = set()
        self._listener = _listen(url)
        host, port = self._listener.getsockname()[:2]
        security = secured(tls)
        self._context = security.context
        self._certificate, self.trust = told(security.ready)
        self.url = f"{security.scheme}://{host}:{port}"
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def alive(self) -> bool:
        return not self._stopped.is_set()

    def requests(self) -> list[dict[str, object]]:
        with self._lock:
            requests = self._recorder.document()["requests"]
        assert isinstance(requests, list)
        return requests

    def changes(self) -> tuple[StateChange, ...]:
        with self._lock:
            return self._recorder.changes()

    def traffic(self) -> tuple[Exchange, ...]:
        with self._lock:
            return self._recorder.exchanges()

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        return ask(self.url, self._name, method, path, body, headers, self._certificate)

    def close(self) -> None:
        """End every connection and every thread."""
        self._stopped.set()
        with self._lock:
            endpoints = [self._listener, *self._connections]
        for endpoint in endpoints:
            with contextlib.suppress(OSError):  # the other side may have ended it already
                endpoint.shutdown(socket.SHUT_RDWR)
            endpoint.close()
        for thread in self._threads:
            thread.join(_JOIN)

    def _start(self, target: object, *arguments: object) -> None:
        assert callable(target)
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            if self._context is not None:
                # The handshake is left to the thread of the connection: whoever does not come to its end keeps nobody else waiting.
                try:
                    connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                except OSError:  # whoever it was has broken the connection off already
                    connection.close()
                    continue
            with self._lock:
                self._connections.add(connection)
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        # An OSError: the program has gone away or wants another TLS, or close() has taken the connection.
        with contextlib.suppress(OSError), connection:
            if isinstance(connection, ssl.SSLSocket):
                connection.do_handshake()
            rest = b""
            while not self._stopped.is_set():
                request = _read_request(connection, rest)
                if request is None:
                    return
                head, body, rest = request
                if not self._answer(connection, number, head, body):
                    return
        with self._lock:
            self._connections.discard(connection)

    def _answer(self, connection: socket.socket, number: int, head: h11.Request, body: bytes) -> bool:
        """Whether the connection is open for the next request."""
        method, target = head.method.decode("ascii"), head.target.decode("latin-1")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
        path, _, query = target.partition("?")
        with self._lock:
            entry = self._recorder.open(method, (path, query), headers, number)
            self._recorder.keep_body(entry, body)
            exchange = self._next((is_marked(headers), method, target))
            if exchange is not None:
                entry.status = _status(exchange.answer)
                if exchange.changed:
                    self._recorder.note_change(entry)
        if exchange is None:
            connection.sendall(_not_recorded(method, target))
            entry.status = 501
            return _end(connection, Ending.CLOSE)
        waited = 0.0
        for piece in exchange.pieces:
            if self._stopped.wait(max(0.0, piece.after - waited)):
                return False
            waited = max(waited, piece.after)
            entry.answer.sent(piece.data)
            connection.sendall(piece.data)
        return _end(connection, exchange.ending)

    def _next(self, key: _Key) -> Exchange | None:
        answers = self._answers.get(key)
        if not answers:
            return None
        place = self._counts.get(key, 0)
        self._counts[key] = place + 1
        return answers[min(place, len(answers) - 1)]


def _listen(url: str) -> socket.socket:
    """At the recorded address if it is free, because answers may name it; else at any free port of loopback."""
    recorded = urlsplit(url)
    for address in ((recorded.hostname or "127.0.0.1", recorded.port or 0), ("127.0.0.1", 0)):
        try:
            if address[0] == "127.0.0.1":
                return socket.create_server(address)
        except OSError as error:
            if address[1] == 0:
                raise ServerFault(f"cannot listen on loopback: {error.strerror}") from None
    raise ServerFault("cannot listen on loopback")


def _read_request(connection: socket.socket, rest: bytes) -> tuple[h11.Request, bytes, bytes] | None:
    """The next request, its body, and what has come after it; None when there is none or it is no HTTP."""
    parser = h11.Connection(h11.SERVER, _MAX_HEAD)
    if rest:
        parser.receive_data(rest)
    head: h11.Request | None = None
    parts: list[bytes] = []
    size = 0
    while True:
        try:
            event = parser.next_event()
        except h11.RemoteProtocolError as error:
            connection.sendall(f"HTTP/1.1 {error.error_status_hint} Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode())
            return None
        if event is h11.NEED_DATA:
            parser.receive_data(connection.recv(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
            if size > MAX_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return head, b"".join(parts), parser.trailing_data[0]
        else:
            return None


def _status(answer: bytes) -> int | None:
    words = answer.split(b"\r\n", 1)[0].split(b" ")
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() else None


def _not_recorded(method: str, target: str) -> bytes:
    body = f"the capsule holds no answer to {method} {target}\n".encode()
    return b"HTTP/1.1 501 Not Recorded\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _end(connection: socket.socket, ending: Ending) -> bool:
    if ending is Ending.OPEN:
        return True
    if ending is Ending.SILENT:
        while connection.recv(65_536):
            pass
        return False
    if ending is Ending.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    elif isinstance(connection, ssl.SSLSocket):
        connection.unwrap()  # says that this is the end; without it the client has to take it for an attack
    return False
