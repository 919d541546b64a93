"""Listens in on a connection: the bytes that really went out as the answer to one request, when they did, and how the connection ended.

What is kept is what a client saw, whatever the application meant to send: a truncated body, garbage and a reset are all there.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from harness.model.traffic import Ending, Piece
from harness.servers.forwarding import ForwardingTransport

MAX_ANSWERS: Final = 64 * 1024 * 1024
"""Bytes of different answers that one recording keeps."""
_TOGETHER: Final = 0.01
"""Bytes that follow each other within this many seconds were sent together."""
_SHARED: Final = 4096
"""From this size on equal bytes are kept once: two hundred equal answers of a megabyte are one."""


class AnswerStore:
    """The room that all answers of one recording share."""

    def __init__(self, limit: int = MAX_ANSWERS) -> None:
        self._left = limit
        self._known: dict[bytes, bytes] = {}

    def keep(self, data: bytes) -> bytes | None:
        """The bytes, or None when there is no room for them."""
        known = self._known.get(data) if len(data) >= _SHARED else None
        if known is not None:
            return known
        if len(data) > self._left:
            return None
        self._left -= len(data)
        if len(data) >= _SHARED:
            self._known[data] = data
        return data


class Answer:
    """The answer to one request, as it goes out."""

    __slots__ = ("_began", "_ended", "_last", "_pieces", "_store", "cut")

    def __init__(self, store: AnswerStore) -> None:
        self._began = self._last = time.monotonic()
        self._store = store
        self._pieces: list[tuple[float, list[bytes]]] = []
        self._ended: Ending | None = None
        self.cut = False

    def sent(self, data: bytes) -> None:
        now = time.monotonic()
        kept = None if self.cut else self._store.keep(bytes(data))
        if kept is None:
            self.cut = True
        elif self._pieces and now - self._last < _TOGETHER:
            self._pieces[-1][1].append(kept)
        else:
            self._pieces.append((round(now - self._began, 3), [kept]))
        self._last = now

    def ended(self, how: Ending) -> None:
        """The first end counts: what is done to a connection that is closing changes nothing for the client."""
        self._ended = self._ended or how

    @property
    def ending(self) -> Ending:
        return self._ended or (Ending.OPEN if self._pieces or self.cut else Ending.SILENT)

    def pieces(self) -> tuple[Piece, ...]:
        return tuple(Piece(after, b"".join(parts)) for after, parts in self._pieces)


class TappedTransport(ForwardingTransport):
    """A transport whose outgoing bytes an ``Answer`` may listen to; everything else is the transport's own business."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.answer: Answer | None = None

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self.answer is not None and data:
            self.answer.sent(bytes(data))
        self._transport.write(data)

    def close(self) -> None:
        self._end(Ending.CLOSE)
        self._transport.close()

    def abort(self) -> None:
        self._end(Ending.CLOSE)
        self._transport.abort()

    def reset(self) -> None:
        """An abort that the client will see as a TCP reset."""
        self._end(Ending.RESET)
        self._transport.abort()

    def _end(self, how: Ending) -> None:
        if self.answer is not None:
            self.answer.ended(how)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        self._transport.write_eof()
