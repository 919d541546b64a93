"""Faults: how a server is told to misbehave, per route and nth call. The values and the counting; ``delivery`` carries them out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from harness.servers.scalars import END, Duration, Integer, Only, ShapeError, Text
from harness.servers.shapes import Either, Key, ListOf, MapOf, Record

MAX_FAULTS: Final = 1000
MAX_FAULT_BODY: Final = 16 * 1024 * 1024
MAX_CALLS: Final = 1_000_000
_HEADER_NAME: Final = (r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+" + END, "a header name")
_HEADER_VALUE: Final = (r"^([!-~]([\t -~]*[!-~])?)?" + END, "a header value of printable ASCII")
_REASON: Final = (r"^[\t -~]*" + END, "a reason phrase of printable ASCII")
_ROUTE: Final = (r"^[A-Z]+ /[!-~]*" + END, 'a method and a path, such as "GET /control/peers"')
_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})


class Drop(Enum):
    """Ways of not answering: with a TCP reset, by closing the connection, or never."""

    RESET = "reset"
    CLOSE = "close"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that replaces the real one."""

    status: int
    reason: str | None
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour of one route; at most one of ``canned``, ``drop`` and ``garbage`` replaces the answer, the rest shapes it."""

    method: str
    path: str
    nth: int | None = None
    delay: float = 0.0
    canned: Canned | None = None
    drop: Drop | None = None
    garbage: bytes | None = None
    truncate: int | None = None
    chunked: int | None = None
    body_delay: float = 0.0


class FaultPlan:
    """The faults in force, and how often each route was called since they were put in force."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults: dict[tuple[str, str], list[Fault]] = {}
        for fault in faults:
            self._faults.setdefault((fault.method, fault.path), []).append(fault)
        self._calls: dict[tuple[str, str], int] = {}

    def match(self, method: str, path: str) -> Fault | None:
        """Counts this call and gives the first fault, in the order written, that is meant for it."""
        route = (method, path)
        faults = self._faults.get(route)
        if faults is None:
            return None
        call = self._calls.get(route, 0) + 1
        self._calls[route] = call
        for fault in faults:
            if fault.nth is None or fault.nth == call:
                return fault
        return None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ShapeError("not base64") from None


def _bytes(plain: str | None, encoded: str | None, name: str) -> bytes | None:
    if plain is not None and encoded is not None:
        raise ShapeError(f'"{name}" and "{name}Base64" exclude each other')
    if encoded is not None:
        try:
            return _decoded(encoded)
        except ShapeError as error:
            raise error.inside(f"{name}Base64") from None
    return None if plain is None else plain.encode("utf-8")


def _headers(raw: dict[str, str | tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for name, value in raw.items():
        if name.lower() in _FRAMING:
            raise ShapeError("this header belongs to the framing of the answer; use truncate, chunked, close or garbage instead").inside(name).inside("headers")
        pairs.extend((name, item) for item in ((value,) if isinstance(value, str) else value))
    return tuple(pairs)


def _fault(
    *,
    on: str,
    nth: int | None = None,
    delay: float = 0.0,
    status: int | None = None,
    reason: str | None = None,
    headers: dict[str, str | tuple[str, ...]] | None = None,
    body: str | None = None,
    body_base64: str | None = None,
    truncate: int | None = None,
    chunked: int | None = None,
    body_delay: float = 0.0,
    reset: bool = False,
    close: bool = False,
    hang: bool = False,
    garbage: str | None = None,
    garbage_base64: str | None = None,
) -> Fault:
    method, _, path = on.partition(" ")
    content = _bytes(body, body_base64, "body")
    raw = _bytes(garbage, garbage_base64, "garbage")
    drops = [drop for drop, wanted in ((Drop.RESET, reset), (Drop.CLOSE, close), (Drop.HANG, hang)) if wanted]
    canned: Canned | None = None
    if status is not None or content is not None:
        if status in (204, 304) and content:
            raise ShapeError(f'an answer with status {status} cannot have a "body"')
        canned = Canned(200 if status is None else status, reason, _headers(headers or {}), content or b"")
    elif reason is not None or headers is not None:
        raise ShapeError('"reason" and "headers" need a "status" or a "body" beside them')
    if len(drops) + (canned is not None) + (raw is not None) > 1:
        raise ShapeError('only one of "status"/"body", "reset", "close", "hang" and "garbage" can answer a request')
    shaped = truncate is not None or chunked is not None or body_delay > 0
    if shaped and (drops or raw is not None):
        raise ShapeError('"truncate", "chunked" and "bodyDelay" shape an HTTP answer; there is none with "reset", "close", "hang" or "garbage"')
    if not (drops or canned is not None or raw is not None or shaped or delay > 0):
        raise ShapeError('does nothing; add "delay", "status", "body", "truncate", "reset", "close", "hang" or "garbage"')
    return Fault(method, path, nth, delay, canned, drops[0] if drops else None, raw, truncate, chunked, body_delay)


_BODY_TEXT: Final = Text(limit=MAX_FAULT_BODY)
_HEADER_TEXT: Final = Text(limit=8192, form=_HEADER_VALUE)

FAULT: Final = Record(
    "fault",
    "One misbehaviour of one route.",
    _fault,
    {
        "on": Key(Text(limit=2048, form=_ROUTE), "on", "Method and path, such as GET /control/peers; a query is not looked at.", required=True),
        "nth": Key(Integer(1, MAX_CALLS), "nth", "Only the nth call of the route, counted from 1; every call when absent."),
        "delay": Key(Duration(), "delay", "Wait this long before anything else happens; combines with every other key."),
        "status": Key(Integer(200, 599), "status", "Answer with this status instead."),
        "reason": Key(Text(limit=256, form=_REASON), "reason", "The reason phrase of that answer."),
        "headers": Key(
            MapOf(Either(_HEADER_TEXT, ListOf(_HEADER_TEXT, 100)), 100, Text(limit=256, form=_HEADER_NAME)),
            "headers",
            "Its headers; a list sends the header several times.",
        ),
        "body": Key(_BODY_TEXT, "body", "Its body; without a status the answer is 200."),
        "bodyBase64": Key(_BODY_TEXT, "body_base64", "The same as base64, for bytes that are not text."),
        "truncate": Key(Integer(0, MAX_FAULT_BODY), "truncate", "Send the headers with the full length, this many bytes of the body, and close."),
        "chunked": Key(Integer(1, MAX_FAULT_BODY), "chunked", "Send the body in chunks of this many bytes, without a content-length."),
        "bodyDelay": Key(Duration(), "body_delay", "Wait this long between the headers and the body."),
        "reset": Key(Only(True), "reset", "Answer with a TCP reset."),
        "close": Key(Only(True), "close", "Close the connection without an answer."),
        "hang": Key(Only(True), "hang", "Never answer; the connection stays open."),
        "garbage": Key(_BODY_TEXT, "garbage", "Send this text as it is instead of an HTTP answer, and close."),
        "garbageBase64": Key(_BODY_TEXT, "garbage_base64", "The same as base64."),
    },
)
FAULTS: Final = ListOf(FAULT, MAX_FAULTS)

__all__ = ["FAULT", "FAULTS", "MAX_FAULTS", "Canned", "Drop", "Fault", "FaultPlan"]
