"""Stands between a measured program and its server, and hands each answer over in one piece.

A server writes head and body in two calls; whether a client sees one piece or two is a matter of microseconds, and each piece costs it two system
calls and some thousand instructions. The server behind the relay is the real one, and so is every byte of its answer.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LIMIT = 16 * 1024 * 1024
_SECONDS = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,9})\r\n", re.IGNORECASE)


@contextmanager
def relay(host: str, port: int) -> Iterator[str]:
    """The address of a relay to ``host`` and ``port``, for the time of a block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, (host, port)), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            # Ends the accept of the thread, which then ends itself.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(_SECONDS)


def _serve(listener: socket.socket, target: tuple[str, int]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        # A client or server that goes away in the middle ends this exchange and no other; the client's own fault text tells.
        with client, contextlib.suppress(OSError):
            client.settimeout(_SECONDS)
            request = _request(client)
            with socket.create_connection(target, _SECONDS) as server:
                server.sendall(request)
                answer = _until_end(server)
            client.sendall(answer)


def _request(client: socket.socket) -> bytes:
    """One request: head, and as much body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _piece(client, len(data))
    head, _, body = data.partition(b"\r\n\r\n")
    announced = _LENGTH.search(head + b"\r\n")
    wanted = int(announced[1]) if announced is not None else 0
    while len(body) < wanted:
        body += _piece(client, len(body))
    return head + b"\r\n\r\n" + body


def _piece(client: socket.socket, have: int) -> bytes:
    piece = client.recv(65536)
    if not piece or have > _LIMIT:
        raise ConnectionError
    return piece


def _until_end(server: socket.socket) -> bytes:
    """The whole answer: measured programs ask for one exchange per connection."""
    parts: list[bytes] = []
    while piece := server.recv(65536):
        parts.append(piece)
        if sum(map(len, parts)) > _LIMIT:
            raise ConnectionError
    return b"".join(parts)
