"""Carries out a fault: replaces, shapes, delays or breaks the answer of an ASGI application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.servers.faults import Drop, Fault
from harness.servers.wire import Wire

_FRAMING: Final = (b"content-length", b"transfer-encoding")


@dataclass(slots=True)
class _Answer:
    """An answer held back until it is complete."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] | None = None
    body: bytes = b""


async def deliver(fault: Fault, wire: Wire, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers one request as ``fault`` says; the application runs only where its own answer is still wanted."""
    if fault.delay > 0 and await _gone_within(fault.delay, receive):
        return
    if fault.drop is not None or fault.garbage is not None:
        if fault.garbage is not None:
            wire.write(fault.garbage)
        if fault.drop is Drop.RESET:
            wire.reset()
        elif fault.drop is not Drop.HANG:
            wire.close()
        await _gone(receive)
        return
    answer = await _answer(fault, wire, app, scope, receive)
    if answer.headers is not None:
        await _send(fault, wire, answer, receive, send)


async def _answer(fault: Fault, wire: Wire, app: ASGIApp, scope: Scope, receive: Receive) -> _Answer:
    canned = fault.canned
    if canned is not None:
        if canned.reason is not None:
            wire.say_reason(canned.reason)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in canned.headers]
        if canned.body and not any(name.lower() == b"content-type" for name, _ in headers):
            headers.append((b"content-type", b"application/json; charset=utf-8"))
        if canned.status not in (204, 304):
            headers.append((b"content-length", str(len(canned.body)).encode()))
        return _Answer(canned.status, headers, canned.body)
    answer = _Answer()

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message.get("headers", []))
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, hold)
    return answer


async def _send(fault: Fault, wire: Wire, answer: _Answer, receive: Receive, send: Send) -> None:
    headers = answer.headers or []
    if fault.chunked is not None:
        headers = [(name, value) for name, value in headers if name.lower() not in _FRAMING]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if fault.body_delay > 0 and await _gone_within(fault.body_delay, receive):
        return
    body = answer.body if fault.truncate is None else answer.body[: fault.truncate]
    size = fault.chunked or max(len(body), 1)
    for start in range(0, len(body), size):
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    if fault.truncate is None:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        wire.close()
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _gone_within(seconds: float, receive: Receive) -> bool:
    """Waits; true when the client went away meanwhile."""
    try:
        await asyncio.wait_for(_gone(receive), seconds)
    except TimeoutError:
        return False
    return True
