"""The public routes of the contract: exact paths, exact methods, everything else 404 with an empty body."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route, Router
from starlette.types import Receive, Scope, Send

from harness.servers.control_plane.node import Abandoned, ParticipantFailed, Refused, Snapshot
from harness.servers.control_plane.render import conflict_body, health_body, introspection_body, upgrade_body
from harness.servers.control_plane.world import World

PEERS: Final = ("/control/peers", "/omnirelay/control/peers")
_JSON: Final = "application/json; charset=utf-8"
_CLIENT_GONE: Final = 499


class ExactRoute(Route):
    """Matches this path with this method only. A wrong method is no match, HEAD is not GET, and an encoded slash is no slash."""

    def __init__(self, method: str, path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.methods = {method}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        encoded_slash = b"%2f" in scope.get("raw_path", b"").lower()
        return (match, child) if match is Match.FULL and not encoded_slash else (Match.NONE, {})


def public_router() -> Router:
    """The routes that the program under test sees."""
    routes = [
        *(ExactRoute("GET", path, _peers) for path in PEERS),
        ExactRoute("GET", "/control/upgrade", _upgrade),
        ExactRoute("POST", "/control/upgrade/drain", _drain),
        ExactRoute("POST", "/control/upgrade/resume", _resume),
        ExactRoute("GET", "/omnirelay/introspect", _introspect),
        ExactRoute("GET", "/healthz", _healthz),
        ExactRoute("GET", "/readyz", _readyz),
    ]
    return Router(routes, redirect_slashes=False, default=_not_found)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=404)(scope, receive, send)


def _world(request: Request) -> World:
    world: World = request.scope["state"]["world"]
    return world


async def _peers(request: Request) -> Response:
    if not request.scope["state"]["admitted"]:
        return Response(status_code=503, media_type="text/plain", headers={"retry-after": "1"})
    body = _world(request).peers()
    if body is None:
        return Response(b'{"error":"Peer diagnostics provider unavailable."}', 503, media_type="text/plain")
    return Response(body, media_type=_JSON)


async def _upgrade(request: Request) -> Response:
    world = _world(request)
    return _snapshot(world, world.node.snapshot())


async def _drain(request: Request) -> Response:
    world = _world(request)
    try:
        reason = _reason(request.headers.get("content-type", ""), await request.body())
    except ValueError:
        return Response(status_code=500)
    async with _disconnect(request) as gone:
        return await _answered(world, world.node.drain(reason, gone))


async def _resume(request: Request) -> Response:
    world = _world(request)
    return await _answered(world, world.node.resume())


async def _introspect(request: Request) -> Response:
    document = _world(request).store.introspection()
    if document is None:
        return Response(status_code=503)
    return Response(introspection_body(document), media_type=_JSON)


async def _healthz(request: Request) -> Response:
    return _health(_world(request), "live")


async def _readyz(request: Request) -> Response:
    return _health(_world(request), "ready")


def _health(world: World, mode: str) -> Response:
    document = world.store.introspection()
    draining = world.node.draining()
    issues: list[str] = []
    if document is None:
        issues.append("dispatcher:unbound")
    elif mode == "ready":
        if document["status"] != "Running":
            issues.append(f"dispatcher-status:{document['status']}")
        if draining:
            issues.append("http-inbound:draining")
    body = health_body(mode, issues, world.inbound.active, draining=draining)
    return Response(body, 503 if issues else 200, media_type=_JSON)


async def _answered(world: World, action: Awaitable[Snapshot]) -> Response:
    try:
        snapshot = await action
    except Refused as error:
        return Response(conflict_body(str(error)), 409, media_type="application/problem+json")
    except ParticipantFailed:
        return Response(status_code=500)
    except Abandoned:
        return Response(status_code=_CLIENT_GONE)  # never arrives: the connection is closed
    return _snapshot(world, snapshot)


def _snapshot(world: World, snapshot: Snapshot) -> Response:
    return Response(upgrade_body(snapshot, world.enums, world.clock.now()), media_type=_JSON)


def _reason(content_type: str, body: bytes) -> str | None:
    """The reason in a drain command; ``ValueError`` for anything that the original cannot bind, which it answers with 500."""
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise ValueError("not JSON by its content type")
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise ValueError("another charset than UTF-8")
    try:
        command = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if command is None:
        return None
    if not isinstance(command, dict):
        raise ValueError("neither an object nor null")
    reason = next((value for name, value in reversed(command.items()) if name.lower() == "reason"), None)
    if reason is not None and not isinstance(reason, str):
        raise ValueError("the reason is no text")
    if reason is not None:
        reason.encode("utf-8")  # half a surrogate pair has no form on the wire; its UnicodeEncodeError is a ValueError
    return reason


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


@contextlib.asynccontextmanager
async def _disconnect(request: Request) -> AsyncIterator[asyncio.Event]:
    """An event that is set when the client goes away."""
    gone = asyncio.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watcher = asyncio.ensure_future(watch())
    try:
        yield gone
    finally:
        watcher.cancel()
