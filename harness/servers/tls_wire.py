"""Takes TLS off a connection, below everything that records and breaks answers: what is above sees the bytes of HTTP, as without TLS.

asyncio's own TLS drops a connection whose handshake fails without sending the alert that says why; the program under test would see a cut line where any
other server gives a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any, Final

from harness.servers.forwarding import ForwardingTransport

_CHUNK: Final = 256 * 1024


class TlsProtocol(asyncio.Protocol):
    """The server's end of TLS; the protocol that ``make`` gives begins once the handshake is done."""

    def __init__(self, context: ssl.SSLContext, make: Callable[[], asyncio.Protocol]) -> None:
        self._context = context
        self._make = make
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # of a stream socket
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._incoming.write(data)
        try:
            if self._inner is None and not self._shake_hands():
                return
            self._read()
        except ssl.SSLError:
            # What the library has to say to the other side lies in the outgoing bytes: an alert, if there is one.
            self._flush()
            self._close()
        else:
            self._flush()

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._inner is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def send(self, data: bytes) -> None:
        """Bytes of the protocol above; nothing once the connection has been ended."""
        transport = self._transport
        if transport is not None and data and not transport.is_closing():
            self._tls.write(data)
            self._flush()

    def end(self) -> None:
        """Says that this is the end, and ends the connection after what was written. The answer of the other side is not waited for."""
        with contextlib.suppress(ssl.SSLError):  # it wants to read that answer
            self._tls.unwrap()
        self._flush()
        self._close()

    def _shake_hands(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        assert self._transport is not None  # data comes after the connection
        self._inner = self._make()
        self._inner.connection_made(TlsTransport(self, self._transport, self._context))
        return True

    def _read(self) -> None:
        assert self._inner is not None
        while True:
            try:
                data = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                return
            except ssl.SSLZeroReturnError:
                data = b""
            if not data:
                # The other side has ended it in good order. HTTP over TLS knows no half-open connections.
                self._flush()
                self._close()
                return
            self._inner.data_received(data)

    def _flush(self) -> None:
        transport = self._transport
        data = self._outgoing.read()
        if transport is not None and data and not transport.is_closing():
            transport.write(data)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class TlsTransport(ForwardingTransport):
    """What the protocol above takes for its connection."""

    def __init__(self, protocol: TlsProtocol, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        super().__init__(transport)
        self._protocol = protocol
        self._context = context

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._protocol.send(bytes(data))

    def close(self) -> None:
        if not self._transport.is_closing():
            self._protocol.end()

    def abort(self) -> None:
        self._transport.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._context if name == "sslcontext" else self._transport.get_extra_info(name, default)

    def can_write_eof(self) -> bool:
        return False
