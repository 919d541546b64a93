"""The dispatcher snapshot of the data file: read strictly, completed to what the schema requires, kept as a document to be served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from harness.servers.scalars import Anything, Choice, Flag, Integer, Text
from harness.servers.shapes import Key, ListOf, Record, Shape

_TEXT: Final = Text(limit=1024)
_TEXTS: Final = ListOf(_TEXT, 10_000)
_MOST: Final = 10_000
PROCEDURE_KINDS: Final = ("unary", "oneway", "stream", "clientStream", "duplex")
MIDDLEWARE_LISTS: Final = tuple(f"{side}{kind[0].upper()}{kind[1:]}" for side in ("inbound", "outbound") for kind in PROCEDURE_KINDS)
Document = dict[str, object]


def introspection_document(
    *,
    service: str = "omnirelay-reference",
    status: str = "Running",
    procedures: Mapping[str, object] | None = None,
    components: tuple[object, ...] = (),
    outbounds: tuple[object, ...] = (),
    middleware: Mapping[str, object] | None = None,
    **optional: object,
) -> Document:
    """A snapshot in the member order of the contract's example.

    What the schema requires is always there; ``mode`` and ``capabilities`` are left out when they were not given, as stubs of the original do.
    """
    return {
        "service": service,
        "status": status,
        "procedures": {kind: (procedures or {}).get(kind, ()) for kind in PROCEDURE_KINDS},
        "components": components,
        "outbounds": outbounds,
        "middleware": {name: (middleware or {}).get(name, ()) for name in MIDDLEWARE_LISTS},
        **{name: optional[name] for name in ("mode", "capabilities") if name in optional},
    }


def default_introspection() -> Document:
    """The snapshot of a control plane that was told nothing about its dispatcher."""
    return introspection_document(mode="InProc", capabilities=())


def _plain(name: str, about: str, shapes: Mapping[str, Shape[object]], required: tuple[str, ...] = ()) -> Record[Document]:
    """A record that stays what it was: a JSON object with these keys."""
    keys = {key: Key(shape, key, required=key in required) for key, shape in shapes.items()}
    build: Callable[..., Document] = dict
    return Record(name, about, build, keys)


_CHANNEL: Final = _plain(
    "channel",
    "A channel of a streaming procedure.",
    {"direction": _TEXT, "bufferingStrategy": _TEXT, "capacity": Integer(0, 2**31 - 1), "tracksMessageCount": Flag()},
)
_PROCEDURE_METADATA: Final = _plain(
    "procedureMetadata",
    "Streaming kinds only.",
    {"responseChannel": _CHANNEL, "requestChannel": _CHANNEL, "aggregatesUnaryResponse": Flag()},
)
_PROCEDURE: Final = _plain(
    "procedure",
    "One procedure of the dispatcher.",
    {"name": _TEXT, "encoding": _TEXT, "aliases": _TEXTS, "metadata": _PROCEDURE_METADATA},
    ("name",),
)
_BINDING: Final = _plain("binding", "One outbound binding.", {"key": _TEXT, "implementationType": _TEXT, "metadata": Anything()}, ("key", "implementationType"))
INTROSPECTION: Final = Record(
    "introspect",
    "The dispatcher snapshot; required members that are left out are empty.",
    introspection_document,
    {
        "service": Key(_TEXT, "service"),
        "status": Key(Choice({word: word for word in ("Created", "Starting", "Running", "Stopping", "Stopped")}), "status"),
        "mode": Key(Choice({word: word for word in ("InProc", "Sidecar", "Edge")}), "mode", "Not sent when absent."),
        "capabilities": Key(_TEXTS, "capabilities", "Not sent when absent."),
        "procedures": Key(_plain("procedures", "Procedures by kind.", {kind: ListOf(_PROCEDURE, _MOST) for kind in PROCEDURE_KINDS}), "procedures"),
        "components": Key(
            ListOf(_plain("component", "A component with a life cycle.", {"name": _TEXT, "componentType": _TEXT, "dependencies": _TEXTS}), _MOST),
            "components",
        ),
        "outbounds": Key(
            ListOf(
                _plain(
                    "outbound",
                    "Bindings to one service.",
                    {"service": _TEXT, **{kind: ListOf(_BINDING, _MOST) for kind in PROCEDURE_KINDS}},
                ),
                _MOST,
            ),
            "outbounds",
        ),
        "middleware": Key(_plain("middleware", "Middleware by side and kind.", dict.fromkeys(MIDDLEWARE_LISTS, _TEXTS)), "middleware"),
    },
)
