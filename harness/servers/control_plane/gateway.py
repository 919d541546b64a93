"""The two doors of the process: the public port (record, admit, fault, route) and the admin port (reset, requests, changes, faults)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from enum import Enum
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from harness.servers.changes import changes_to_json, on_behalf_of
from harness.servers.control_plane.api import PEERS, public_router
from harness.servers.control_plane.readers import MAX_DOCUMENT, read_again, read_faults, read_reset
from harness.servers.control_plane.render import compact
from harness.servers.control_plane.routing import ExactRoute
from harness.servers.control_plane.world import Plane, World
from harness.servers.delivery import deliver
from harness.servers.recorder import MAX_BODY, Received, Recorder
from harness.servers.shapes import ReadError
from harness.servers.wire import Wire

_TOO_LARGE: Final = 413
_TURNS: Final = 8


class Doors:
    """The ASGI application: the port at which a request came in decides which door it goes through."""

    def __init__(self, plane: Plane, admin_port: int, url: str) -> None:
        self._admin_port = admin_port
        self._public = _Public(plane)
        self._admin = _admin_router(plane, url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._admin if scope["server"][1] == self._admin_port else self._public
        await door(scope, receive, send)


class _Public:
    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._router = public_router()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        world, wire = self._plane.world, scope["state"]["wire"]
        entry = world.recorder.open(scope["method"], _target(scope), wire.headers(), wire.identity)
        wire.tell(entry.answer)
        with world.request(wire), on_behalf_of(partial(world.recorder.note_change, entry)):
            try:
                await self._answer(world, entry, scope, receive, _noting(world, entry, wire, send))
            except asyncio.CancelledError:
                # A reset or the end of the process, both of which have dropped the connection first: nobody waits for an answer.
                if wire.is_open():
                    raise

    async def _answer(self, world: World, entry: Received, scope: Scope, receive: Receive, send: Send) -> None:
        # Decided on arrival: a request that came before a drain is finished, however slow it is (domain 5).
        counted = scope["path"] in PEERS and scope["method"] == "GET"
        admitted = not (counted and world.node.draining())
        scope["state"].update(world=world, admitted=admitted)
        if counted and admitted:
            world.inbound.enter()
        try:
            body, upload = await _body(receive, MAX_BODY)
            world.recorder.keep_body(entry, body)
            if upload is _Upload.TOO_LARGE:
                await Response(status_code=_TOO_LARGE, headers={"connection": "close"})(scope, receive, send)
            if upload is not _Upload.WHOLE:
                return
            fault = world.faults.match(entry.method, entry.path)
            if fault is None:
                await self._router(scope, _replay(body, receive), send)
            else:
                await deliver(fault, scope["state"]["wire"], self._router, scope, _replay(body, receive), send)
        finally:
            if counted and admitted:
                world.inbound.leave()


def _target(scope: Scope) -> tuple[str, str]:
    return scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")


def _noting(world: World, entry: Received, wire: Wire, send: Send) -> Send:
    """Adds the date of the clock to the answer, and notes the status once it goes out."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            if wire.is_open():
                entry.status = message["status"]
            date = format_datetime(world.clock.now(), usegmt=True).encode()
            message["headers"] = [(b"date", date), *message.get("headers", [])]
        await send(message)

    return noting


class _Upload(Enum):
    """How the reading of a request body ended."""

    WHOLE = "whole"
    CUT = "cut"
    TOO_LARGE = "too large"


async def _body(receive: Receive, limit: int) -> tuple[bytes, _Upload]:
    """The request body, and whether it is all of it: the client may go away in the middle, or send more than ``limit``."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts), _Upload.CUT
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return b"", _Upload.TOO_LARGE
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts), _Upload.WHOLE


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the recorded body once, then what the connection says."""
    pending = [body]

    async def replay() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replay


def _ordered(name: str, carry_out: Callable[[bytes], None], answer: Mapping[str, object]) -> ExactRoute:
    async def endpoint(request: Request) -> Response:
        body, upload = await _body(request.receive, MAX_DOCUMENT)
        if upload is not _Upload.WHOLE:
            return _refusal(f"{name}: the body is larger than {MAX_DOCUMENT} bytes", _TOO_LARGE)
        await _settle()
        try:
            carry_out(body)
        except ReadError as error:
            return _refusal(str(error), 400)
        return _document({"format": 1, **answer})

    return ExactRoute("POST", f"/{name}", endpoint)


def _told(name: str, tell: Callable[[Recorder], Mapping[str, object]], plane: Plane) -> ExactRoute:
    async def endpoint(request: Request) -> Response:
        await _settle()
        return _document(tell(plane.world.recorder))

    return ExactRoute("GET", f"/{name}", endpoint)


def _admin_router(plane: Plane, url: str) -> Router:
    async def unknown(scope: Scope, receive: Receive, send: Send) -> None:
        answer = _refusal("the admin port answers POST /reset, POST /again, POST /faults, GET /requests, GET /changes and GET /traffic", 404)
        await answer(scope, receive, send)

    routes = [
        _ordered("reset", lambda body: plane.reset(read_reset(body, plane.defaults)), {"url": url}),
        _ordered("again", lambda body: plane.again(read_again(body, plane.defaults)), {"url": url}),
        _ordered("faults", lambda body: plane.set_faults(read_faults(body)), {}),
        _told("requests", Recorder.document, plane),
        _told("changes", lambda recorder: {"format": 1, "changes": changes_to_json(recorder.changes())}, plane),
        _told("traffic", Recorder.traffic, plane),
    ]
    return Router(routes, redirect_slashes=False, default=unknown)


async def _settle() -> None:
    """Lets what has already arrived at the public port be accepted, read and recorded before an order that looks at the recording.

    Accepting, reading and starting a request takes a turn of the loop each; a program that has sent its request and is gone may be behind
    by that much, but not by more.
    """
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def _document(value: object) -> Response:
    return Response(compact(value), media_type="application/json")


def _refusal(message: str, status: int) -> Response:
    return Response(compact({"format": 1, "error": message}), status, media_type="application/json")
