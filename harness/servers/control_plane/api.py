"""The public routes of the contract: exact paths, exact methods, everything else 404 with an empty body."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from harness.servers.control_plane.bodies import Unusable, json_document, member
from harness.servers.control_plane.node import Abandoned, ParticipantFailed, Refused, Snapshot
from harness.servers.control_plane.render import conflict_body, health_body, introspection_body, upgrade_body
from harness.servers.control_plane.routing import JSON, PROBLEM, ExactRoute, world_of
from harness.servers.control_plane.shards.api import shard_routes
from harness.servers.control_plane.world import World

PEERS: Final = ("/control/peers", "/omnirelay/control/peers")
_CLIENT_GONE: Final = 499


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
        *shard_routes(),
    ]
    return Router(routes, redirect_slashes=False, default=_not_found)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=404)(scope, receive, send)


async def _peers(request: Request) -> Response:
    if not request.scope["state"]["admitted"]:
        return Response(status_code=503, media_type="text/plain", headers={"retry-after": "1"})
    body = world_of(request).peers()
    if body is None:
        return Response(b'{"error":"Peer diagnostics provider unavailable."}', 503, media_type="text/plain")
    return Response(body, media_type=JSON)


async def _upgrade(request: Request) -> Response:
    world = world_of(request)
    return _snapshot(world, world.node.snapshot())


async def _drain(request: Request) -> Response:
    world = world_of(request)
    try:
        reason = _reason(request.headers.get("content-type", ""), await request.body())
    except Unusable:
        return Response(status_code=500)
    async with _disconnect(request) as gone:
        return await _answered(world, world.node.drain(reason, gone))


async def _resume(request: Request) -> Response:
    world = world_of(request)
    return await _answered(world, world.node.resume())


async def _introspect(request: Request) -> Response:
    document = world_of(request).store.introspection()
    if document is None:
        return Response(status_code=503)
    return Response(introspection_body(document), media_type=JSON)


async def _healthz(request: Request) -> Response:
    return _health(world_of(request), "live")


async def _readyz(request: Request) -> Response:
    return _health(world_of(request), "ready")


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
    return Response(body, 503 if issues else 200, media_type=JSON)


async def _answered(world: World, action: Awaitable[Snapshot]) -> Response:
    try:
        snapshot = await action
    except Refused as error:
        return Response(conflict_body(str(error)), 409, media_type=PROBLEM)
    except ParticipantFailed:
        return Response(status_code=500)
    except Abandoned:
        return Response(status_code=_CLIENT_GONE)  # never arrives: the connection is closed
    return _snapshot(world, snapshot)


def _snapshot(world: World, snapshot: Snapshot) -> Response:
    return Response(upgrade_body(snapshot, world.enums, world.clock.now()), media_type=JSON)


def _reason(content_type: str, body: bytes) -> str | None:
    """The reason in a drain command; ``Unusable`` for anything that the original cannot bind."""
    reason = member(json_document(content_type, body) or {}, "reason")
    if reason is None or isinstance(reason, str):
        return reason
    raise Unusable("the reason is no text")


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
