"""The routes below ``/control/shards``: who may ask, what is refused and in which order, and answers that are sent as they are read."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from harness.servers.clock import wire_instant
from harness.servers.control_plane.bodies import Unusable, json_document
from harness.servers.control_plane.routing import JSON, PROBLEM, ExactRoute, world_of
from harness.servers.control_plane.shards import query, render
from harness.servers.control_plane.shards.model import Change
from harness.servers.control_plane.shards.pages import Page, PageKey
from harness.servers.control_plane.shards.render import Form, ShardError
from harness.servers.control_plane.shards.simulation import Simulation, read_order
from harness.servers.control_plane.shards.tables import ShardRepository

_PATH: Final = "/control/shards"
_FARTHEST: Final = 2**63 - 1
_NO_STORE: Final = "The shard store could not answer."
Action = Callable[[Request, ShardRepository, Form], Awaitable[Response]]


def shard_routes() -> list[ExactRoute]:
    """The four routes."""
    return [
        ExactRoute("GET", _PATH, _for(query.READ, _list)),
        ExactRoute("GET", f"{_PATH}/diff", _for(query.OPERATE, _diff)),
        ExactRoute("GET", f"{_PATH}/watch", _for(query.READ, _watch)),
        ExactRoute("POST", f"{_PATH}/simulate", _simulate),
    ]


def _for(scopes: frozenset[str], action: Action) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of an action: it is there only while the feature is on, and for those only who name a scope."""

    async def endpoint(request: Request) -> Response:
        world = world_of(request)
        shards = world.store.shards()
        if shards is None:
            return Response(status_code=404)
        if not query.allowed(request.headers.getlist("x-mesh-scope"), scopes):
            return Response(status_code=403)
        try:
            return await action(request, shards, Form(world.enums, wire_instant(world.clock.now())))
        except query.BadQuery as error:
            return Response(render.error_body(str(error)), 400, media_type=JSON)
        except ShardError as error:
            return _problem(error)
        except sqlite3.Error:
            return _problem(ShardError(500, "shards.control.repository.failure", _NO_STORE))

    return endpoint


async def _list(request: Request, shards: ShardRepository, form: Form) -> Response:
    wanted = query.read_filter(request.query_params)
    size = query.read_size(request.query_params)
    text = query.cursor_text(request.query_params)
    try:
        after = None if text is None else query.parse_cursor(text)
    except query.BadCursor:
        raise ShardError(400, "shards.control.cursor.invalid", "Invalid cursor token.", {"cursor": text or ""}) from None
    key = PageKey(wanted, after, size, form)
    page = shards.pages.get(key)
    if page is None:
        page = _page(shards, key)
        shards.pages.keep(key, page)
    headers = {"etag": f'W/"shards-{page.version}"', "x-omnirelay-shards-version": str(page.version)}
    return Response(page.body, media_type=JSON, headers=headers)


def _page(shards: ShardRepository, key: PageKey) -> Page:
    records = shards.page(key.wanted, key.after, key.size)
    version = shards.version(key.wanted)
    # A full page names a cursor even when nothing follows, as the original's relational store does.
    cursor = query.Cursor(records[-1].namespace, records[-1].shard_id).text() if len(records) == key.size else None
    return Page(render.page_body(records, cursor, version, key.form), version)


async def _diff(request: Request, shards: ShardRepository, form: Form) -> Response:
    wanted = query.read_filter(request.query_params)
    first = query.read_number(request.query_params, "fromVersion")
    last = query.read_number(request.query_params, "toVersion")
    batches = _wanted(shards.changes(0 if first is None else first, _FARTHEST if last is None else last), wanted)
    # Read before the answer begins: a store that cannot answer is then still a problem and no answer that breaks off.
    beginning = next(batches, [])

    async def body() -> AsyncIterator[bytes]:
        yield b'{"items":['
        batch: list[Change] | None = beginning
        position, comma = None, b""
        while batch is not None:
            if batch:
                yield comma + render.joined(batch, form)
                position, comma = batch[-1].row.position, b","
            await asyncio.sleep(0)
            batch = next(batches, None)
        yield b"]}" if position is None else b'],"lastPosition":%d}' % position

    return StreamingResponse(body(), media_type=JSON)


async def _watch(request: Request, shards: ShardRepository, form: Form) -> Response:
    wanted = query.read_filter(request.query_params)
    seen = query.read_number(request.query_params, "resumeToken")
    first = 0 if seen is None else seen + 1

    async def frames() -> AsyncIterator[bytes]:
        yield b"retry: 2000\n\n"
        try:
            for batch in _wanted(shards.changes(first, _FARTHEST), wanted):
                for change in batch:
                    yield render.frame(change, form)
                await asyncio.sleep(0)
        except sqlite3.Error:
            yield render.failure_frame(ShardError(500, "shards.control.stream.failure", _NO_STORE))

    return StreamingResponse(frames(), headers={"content-type": "text/event-stream", "cache-control": "no-cache"})


def _wanted(batches: Iterator[tuple[Change, ...]], wanted: query.Filter) -> Iterator[list[Change]]:
    """What of each batch is wanted, which may be nothing."""
    return ([change for change in batch if wanted.admits(change)] for batch in batches)


async def _simulate(request: Request) -> Response:
    if world_of(request).store.shards() is None:
        return Response(status_code=404)
    try:
        # Before anybody asks for a scope, as in the original: what cannot be read is a 500 for everyone.
        document = json_document(request.headers.get("content-type", ""), await request.body())
        order = None if document is None else read_order(document)
    except Unusable:
        return Response(status_code=500)

    async def action(request: Request, shards: ShardRepository, form: Form) -> Response:
        if order is None:
            raise query.BadQuery("Request body is required.")
        simulation = Simulation(order, shards)
        for _ in simulation.run():
            await asyncio.sleep(0)
        return Response(simulation.body(form.instant), media_type=JSON)

    return await _for(query.OPERATE, action)(request)


def _problem(error: ShardError) -> Response:
    return Response(render.problem_body(error), error.status, media_type=PROBLEM)
