"""The connection under an ASGI application: the request head as it was written, and the ways of breaking an answer that ASGI has no word for.

uvicorn's HTTP/1.1 protocol normalises header names, has fixed reason phrases, and always answers. This subclass keeps the head that h11 parsed and
hands the application a ``Wire`` in ``scope["state"]["wire"]``; nothing else of uvicorn's behaviour changes.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from harness.servers.tap import Answer, TappedTransport

MAX_HEAD: Final = 64 * 1024
_LINGER_ZERO: Final = struct.pack("ii", 1, 0) if hasattr(socket, "SO_REUSEPORT") else struct.pack("hh", 1, 0)
_identities: Final = itertools.count(1)


class _Connection(h11.Connection):
    """Remembers the last request head, and writes a given reason phrase once."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, MAX_HEAD)
        self.head: h11.Request | None = None
        self.reason: bytes | None = None

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self.head = event
        return event

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        if self.reason is not None and isinstance(event, h11.Response):
            event = h11.Response(status_code=event.status_code, headers=event.headers, http_version=event.http_version, reason=self.reason)
            self.reason = None
        return super().send_with_data_passthrough(event)


class Wire:
    """One client connection, as far as recorder and faults need it."""

    def __init__(self, connection: _Connection) -> None:
        self.identity = next(_identities)
        self._connection = connection
        self._transport: TappedTransport | None = None

    def attach(self, transport: TappedTransport) -> None:
        self._transport = transport

    def tell(self, answer: Answer) -> None:
        """From now on what goes out belongs to this answer."""
        if self._transport is not None:
            self._transport.answer = answer

    def lost(self) -> None:
        """The connection is gone; what is done to it from now on is no part of an answer."""
        if self._transport is not None:
            self._transport.answer = None

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names and values of the current request in the order and case in which they came."""
        head = self._connection.head
        if head is None:
            return ()
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())

    def say_reason(self, reason: str) -> None:
        """The next status line carries this phrase."""
        self._connection.reason = reason.encode("ascii")

    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Bytes past HTTP."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """Ends the connection after what was written."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Ends the connection with a TCP reset; what was not yet sent is lost."""
        if self._transport is None:
            return
        endpoint = self._transport.get_extra_info("socket")
        if endpoint is not None:
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._transport.reset()

    def abort(self) -> None:
        """Ends the connection at once."""
        if self._transport is not None:
            self._transport.abort()


class WireProtocol(H11Protocol):
    """uvicorn's protocol with a ``Wire`` in the state of each request."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        connection = _Connection()
        self.conn = connection
        self.wire = Wire(connection)
        self.app_state = {**app_state, "wire": self.wire}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        tapped = TappedTransport(transport)
        self.wire.attach(tapped)
        super().connection_made(tapped)

    def connection_lost(self, exc: Exception | None) -> None:
        self.wire.lost()
        super().connection_lost(exc)
