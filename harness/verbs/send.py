"""``send = { server, method, path, … }``: the harness itself asks a server something, to prepare or to restore. The artifact is not involved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.compare.text import visible
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import ANYTHING, TEXT, Key, Shape
from harness.model.observation import Observation
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.model.verdict import Finding
from harness.verbs.base import Judging, Performed, World
from harness.verbs.http_fields import HEADERS, METHOD, METHODS, PATH, SERVER, bind_headers, bind_path, bind_server
from harness.verbs.takes import POLLS

_STATUS: Final[Mapping[str, object]] = {"type": "integer", "minimum": 100, "maximum": 599}
_SHAPE: Final = Shape(
    "send",
    {
        "server": SERVER,
        "method": Key(METHOD.schema, METHOD.doc, required=True),
        "path": Key(PATH.schema, PATH.doc, required=True),
        "json": Key(ANYTHING, "the body as JSON"),
        "body": Key(TEXT, "the body as text"),
        "headers": HEADERS,
        "status": Key({"oneOf": [_STATUS, {"type": "array", "minItems": 1, "items": _STATUS}]}, "the status codes that are right; any 2xx when absent"),
    },
    aliases={"url": "path", "data": "json", "code": "status"},
)


@dataclass(frozen=True, slots=True)
class SendSpec(VerbSpec):
    server: str
    method: str
    path: Template
    json: object = None
    """A value tree; only sent when there is no ``body`` and ``has_json`` says so."""
    has_json: bool = False
    body: Template | None = None
    headers: Mapping[str, Template] = field(default_factory=dict)
    status: tuple[int, ...] = ()
    """Empty: any 2xx."""


class Send:
    name = "send"
    key = Key(_SHAPE.schema(), "a request that the harness sends to a server")
    spec_type = SendSpec
    takes = POLLS

    def judging(self, spec: SendSpec) -> Judging:
        return Judging.NOTHING

    def bind(self, node: Node, names: Names) -> SendSpec | None:
        keys = node.table(_SHAPE)
        if keys is None:
            return None
        server = bind_server(keys["server"], names) if "server" in keys else None
        method = keys["method"].choice(METHODS) if "method" in keys else None
        path = bind_path(keys["path"], names) if "path" in keys else None
        headers = bind_headers(keys["headers"], names) if "headers" in keys else {}
        status = _bind_status(keys["status"]) if "status" in keys else ()
        tree = keys["json"].value_tree(names) if "json" in keys else None
        body = keys["body"].template(names) if "body" in keys else None
        if "json" in keys and "body" in keys:
            keys["body"].report("H2308", "a request has either json or body", "leave one out", at_key=True)
        if server is None or method is None or path is None or headers is None or status is None:
            return None
        return SendSpec(server, method, path, tree, "json" in keys, body, headers, status)

    def perform(self, spec: SendSpec, step: Step, world: World) -> Performed:
        headers = {name: world.resolve(value) for name, value in spec.headers.items()}
        body: bytes | None = None
        if spec.has_json:
            body = json.dumps(world.resolve_value(spec.json), ensure_ascii=False).encode()
            headers.setdefault("content-type", "application/json")
        elif spec.body is not None:
            body = world.resolve(spec.body).encode()
        path = world.resolve(spec.path)
        reply = world.server(spec.server).send(spec.method, path, body, headers)
        observation = Observation(step.id, stdout=reply.body)
        if reply.status in spec.status or (not spec.status and 200 <= reply.status < 300):
            return Performed(observation)
        wanted = " or ".join(map(str, spec.status)) or "2xx"
        shown = visible(reply.body.decode("utf-8", "backslashreplace").split("\n", 1)[0])
        message = f"{spec.method} {path} on {spec.server} was answered with {reply.status}, not {wanted}"
        return Performed(observation, (Finding(step.id, "send", message, step.position, (f"+ {shown}",) if shown else (), "send.status"),))


def _bind_status(node: Node) -> tuple[int, ...] | None:
    items = node.items() if isinstance(node.value, list) else [node]
    codes = [item.integer(100, 599) for item in items or ()]
    return tuple(code for code in codes if code is not None) if items and None not in codes else None
