"""``received = { server, method, path, … }``: what a server has received from the artifact since the cell began.

A request counts when everything that is given holds for it. ``times`` is the exact number of such requests; without it there must be at least one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.compare.jsontext import differences
from harness.compare.text import visible
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import ANYTHING, TEXT_OR_TEXTS, Key, Shape
from harness.model.observation import Observation
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.model.verdict import Finding
from harness.verbs.base import Judging, Performed, World
from harness.verbs.http_fields import HEADERS, METHOD, METHODS, PATH, SERVER, bind_headers, bind_path, bind_server
from harness.verbs.takes import POLLS

Request = Mapping[str, object]
_LISTED: Final = 12
_BODY: Final = Shape("body", {"contains": Key(TEXT_OR_TEXTS, "texts that the body contains", required=True)})
_SHAPE: Final = Shape(
    "received",
    {
        "server": SERVER,
        "method": METHOD,
        "path": PATH,
        "times": Key({"type": "integer", "minimum": 0}, "exactly how often; at least once when absent"),
        "json": Key(ANYTHING, "the whole body as JSON; the order of names does not matter"),
        "body": Key(_BODY.schema(), "the body as text"),
        "headers": HEADERS,
    },
    aliases={"url": "path", "count": "times", "header": "headers", "contains": "body"},
)


@dataclass(frozen=True, slots=True)
class ReceivedSpec(VerbSpec):
    server: str
    method: str | None = None
    path: Template | None = None
    times: int | None = None
    json: object = None
    has_json: bool = False
    body: tuple[Template, ...] = ()
    headers: Mapping[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The spec with everything inserted."""

    method: str | None
    path: str | None
    json: object
    has_json: bool
    body: tuple[str, ...]
    headers: Mapping[str, str]


class Received:
    name = "received"
    key = Key(_SHAPE.schema(), "what a server has received so far")
    spec_type = ReceivedSpec
    takes = POLLS

    def judging(self, spec: ReceivedSpec) -> Judging:
        return Judging.NOTHING

    def bind(self, node: Node, names: Names) -> ReceivedSpec | None:
        keys = node.table(_SHAPE)
        if keys is None:
            return None
        server = bind_server(keys["server"], names) if "server" in keys else None
        method = keys["method"].choice(METHODS) if "method" in keys else None
        path = bind_path(keys["path"], names) if "path" in keys else None
        times = keys["times"].integer(0, 10**6) if "times" in keys else None
        headers = bind_headers(keys["headers"], names) if "headers" in keys else {}
        tree = keys["json"].value_tree(names) if "json" in keys else None
        body = _bind_body(keys["body"], names) if "body" in keys else ()
        if server is None or headers is None or body is None:
            return None
        return ReceivedSpec(server, method, path, times, tree, "json" in keys, body, headers)

    def perform(self, spec: ReceivedSpec, step: Step, world: World) -> Performed:
        wanted = _Wanted(
            method=spec.method,
            path=None if spec.path is None else world.resolve(spec.path),
            json=world.resolve_value(spec.json),
            has_json=spec.has_json,
            body=tuple(world.resolve(text) for text in spec.body),
            headers={name: world.resolve(value) for name, value in spec.headers.items()},
        )
        requests = world.server(spec.server).requests()
        near = [request for request in requests if _same_target(wanted, request)]
        deviations = [_deviations(wanted, request) for request in near]
        count = sum(1 for lines in deviations if not lines)
        if (count >= 1) if spec.times is None else (count == spec.times):
            return Performed(Observation(step.id))
        often = "at least once" if spec.times is None else f"{spec.times} times"
        message = f"{spec.server} received {_subject(wanted)} {count} times, not {often}"
        return Performed(Observation(step.id), (Finding(step.id, "received", message, step.position, _explained(requests, near, deviations), "received"),))


def _bind_body(node: Node, names: Names) -> tuple[Template, ...] | None:
    keys = node.table(_BODY)
    items = keys["contains"].one_or_many() if keys and "contains" in keys else None
    bound = [item.template(names, empty=False) for item in items or ()]
    return None if not items or None in bound else tuple(template for template in bound if template is not None)


def _same_target(wanted: _Wanted, request: Request) -> bool:
    if wanted.method is not None and request.get("method") != wanted.method:
        return False
    return wanted.path is None or wanted.path == _target(request, query="?" in wanted.path)


def _target(request: Request, *, query: bool = True) -> str:
    path, asked = str(request.get("path", "")), str(request.get("query") or "")
    return f"{path}?{asked}" if asked and query else path


def _deviations(wanted: _Wanted, request: Request) -> tuple[str, ...]:
    """Why a request to the right target does not count, as diff lines."""
    lines: list[str] = []
    if wanted.has_json:
        lines += differences(wanted.json, request["json"]) if "json" in request else [f"+ the body is not JSON: {_body(request)}"]
    lines += [f"- body contains {visible(text)}" for text in wanted.body if text not in str(request.get("body") or "")]
    for name, value in wanted.headers.items():
        values = [item[1] for item in _headers(request) if item[0].lower() == name.lower()]
        if values != [value]:
            lines += [f"- {name}: {value}", *(f"+ {name}: {visible(found)}" for found in values)]
    return tuple(lines)


def _headers(request: Request) -> list[tuple[str, str]]:
    headers = request.get("headers")
    return [(str(pair[0]), str(pair[1])) for pair in headers] if isinstance(headers, list) else []


def _body(request: Request) -> str:
    return visible(str(request.get("body") or "").split("\n", 1)[0]) or "empty"


def _subject(wanted: _Wanted) -> str:
    details = [word for word, given in (("this JSON", wanted.has_json), ("this body", wanted.body), ("these headers", wanted.headers)) if given]
    target = f"{wanted.method or 'any method'} {wanted.path or 'on any path'}"
    return f"{target} with {' and '.join(details)}" if details else target


def _explained(requests: list[dict[str, object]], near: list[dict[str, object]], deviations: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Why the nearest request does not count, or else everything that came."""
    lines = next((lines for lines in deviations if lines), None)
    if lines is not None:
        request = near[deviations.index(lines)]
        return (f"  request {request.get('n')}: {request.get('method')} {_target(request)}", *lines)
    listed = [f"+ {request.get('n')}: {request.get('method')} {visible(_target(request))} → {request.get('status')}" for request in requests[:_LISTED]]
    return (*listed, f"… {len(requests) - _LISTED} more requests") if len(requests) > _LISTED else tuple(listed) or ("+ no request at all",)
