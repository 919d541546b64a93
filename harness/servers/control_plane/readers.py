"""Strict readers of everything the control plane is given: data file, faults, reset order. ``schema`` makes the JSON Schema from the same shapes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.servers.clock import Clock, ClockError, parse_clock
from harness.servers.control_plane.enums import EnumForm
from harness.servers.control_plane.introspection import INTROSPECTION, Document, default_introspection
from harness.servers.control_plane.model import (
    Disconnect,
    DrainState,
    Failure,
    Generate,
    Kind,
    Metadata,
    Node,
    Participant,
    Peer,
    PlaneData,
    Settings,
    Upgrade,
    peer_document,
)
from harness.servers.control_plane.shards.model import NO_SHARDS, WrittenShards
from harness.servers.control_plane.shards.readers import MAX_SHARDS, SHARDS
from harness.servers.faults import FAULTS, Fault
from harness.servers.scalars import Choice, Defs, Duration, Flag, Integer, Number, Only, ShapeError, Text, Timestamp
from harness.servers.shapes import Key, ListOf, MapOf, Nullable, Record, read_text

MAX_DOCUMENT: Final = 64 * 1024 * 1024
MAX_PEERS: Final = 100_000
_SHORT: Final = Text(limit=256)
_NAME: Final = Text(limit=256, blank=False)
_STATES: Final = Choice({state.word: state for state in DrainState})
_UPGRADE: Final = Upgrade()
_INTROSPECTION: Final = default_introspection()


def _participant(
    *,
    name: str,
    drain: float = 0.0,
    fail: str | None = None,
    fail_on: str | None = None,
    fail_status: int | None = None,
    fail_times: int | None = None,
    on_disconnect: Disconnect = Disconnect.FAIL,
    state: DrainState = DrainState.ACTIVE,
    last_error: str | None = None,
    updated_at: str | None = None,
) -> Participant:
    if fail is None and (fail_on or fail_status or fail_times):
        raise ShapeError('"failOn", "failAs" and "failTimes" need a "fail" beside them')
    failure = None if fail is None else Failure(fail, fail_on or "drain", fail_status or 409, fail_times)
    return Participant(name.strip(), drain, failure, on_disconnect, state, last_error, updated_at)


def _upgrade(
    *,
    state: DrainState = DrainState.ACTIVE,
    reason: str | None = None,
    updated_at: str | None = None,
    participants: tuple[Participant, ...] | None = None,
) -> Upgrade:
    members = Upgrade().participants if participants is None else participants
    if state is not DrainState.ACTIVE:
        # A participant that says nothing of its own is where its node is.
        members = tuple(replace(p, state=state) if p.state is DrainState.ACTIVE else p for p in members)
    return Upgrade(Node(state, reason, updated_at), members)


def _data(
    *,
    local_node_id: str = "",
    peers: tuple[Peer, ...] | None = (),
    upgrade: Upgrade = _UPGRADE,
    introspection: Document | None = _INTROSPECTION,
    shards: WrittenShards | None = NO_SHARDS,
) -> PlaneData:
    seen: dict[str, int] = {}
    for index, peer in enumerate(peers or ()):
        first = seen.setdefault(peer.node_id, index)
        if first != index:
            raise ShapeError(f"the same as $.peers[{first}].nodeId; each peer has its own").inside("nodeId").inside(index).inside("peers")
    documents = None if peers is None else tuple(peer_document(peer) for peer in peers)
    return PlaneData(local_node_id, documents, upgrade, introspection, shards)


METADATA: Final = Record(
    "metadata",
    "What a peer says about itself; a key that is left out is not sent.",
    Metadata,
    {
        "nodeId": Key(_SHORT, "node_id", "Sent by test stubs of the original only."),
        "role": Key(_SHORT, "role"),
        "clusterId": Key(_SHORT, "cluster_id"),
        "region": Key(_SHORT, "region"),
        "meshVersion": Key(_SHORT, "mesh_version"),
        "http3Support": Key(Flag(), "http3_support"),
        "endpoint": Key(_SHORT, "endpoint", "host:port"),
        "metadataVersion": Key(Integer(-(2**63), 2**63 - 1), "metadata_version"),
        "labels": Key(MapOf(Text(limit=1024), 256), "labels"),
    },
)
PEER: Final = Record(
    "peer",
    "One member of the mesh.",
    Peer,
    {
        "nodeId": Key(_SHORT, "node_id", required=True),
        "status": Key(Choice({word: word for word in ("Alive", "Suspect", "Left")}), "status", required=True),
        "lastSeen": Key(Timestamp(), "last_seen", "Sent as written."),
        "rttMs": Key(Number(0, 1e9), "rtt_ms"),
        "metadata": Key(METADATA, "metadata"),
    },
)
PARTICIPANT: Final = Record(
    "participant",
    "One participant of the drain, in order of registration.",
    _participant,
    {
        "name": Key(_NAME, "name", required=True),
        "drain": Key(Duration(), "drain", "How long its drain takes; 0 when absent."),
        "fail": Key(Text(), "fail", "It fails with this message."),
        "failOn": Key(Choice({"drain": "drain", "resume": "resume"}), "fail_on", "Which action fails; drain when absent."),
        "failAs": Key(Choice({"conflict": 409, "error": 500}), "fail_status", "conflict (409, the default) or error (500)."),
        "failTimes": Key(Integer(1, 1_000_000), "fail_times", "How many times it fails; always when absent."),
        "onDisconnect": Key(
            Choice({item.value: item for item in Disconnect}),
            "on_disconnect",
            "When the client of the drain goes away: fail at once, or finish and leave the drain given up. fail when absent.",
        ),
        "state": Key(_STATES, "state", "Its state at the start; that of the node when absent."),
        "lastError": Key(Text(), "last_error"),
        "updatedAt": Key(Timestamp(), "updated_at", "The time of each request when absent."),
    },
)
UPGRADE: Final = Record(
    "upgrade",
    "The node's drain state.",
    _upgrade,
    {
        "state": Key(_STATES, "state", "Active when absent."),
        "reason": Key(Text(), "reason"),
        "updatedAt": Key(Timestamp(), "updated_at", "The time of each request when absent."),
        "participants": Key(ListOf(PARTICIPANT, 1000), "participants", 'One called "dispatcher" when absent.'),
    },
)
DATA: Final = Record(
    "data",
    "What a control plane starts with.",
    _data,
    {
        "$schema": Key(Text(), "", "For editors; not looked at."),
        "localNodeId": Key(_SHORT, "local_node_id", "The node that the snapshot is taken from; its peer is listed first."),
        "peers": Key(Nullable(ListOf(PEER, MAX_PEERS)), "peers", "null: no provider is registered, which answers 503."),
        "upgrade": Key(UPGRADE, "upgrade"),
        "introspect": Key(Nullable(INTROSPECTION), "introspection", "null: no dispatcher is bound, which answers 503."),
        "shards": Key(Nullable(SHARDS), "shards", "null: the shard routes are switched off, which answers 404."),
    },
)


def _generate(*, kind: Kind, count: int, seed: int = 0, namespaces: int | None = None) -> Generate:
    if kind is not Kind.SHARDS and namespaces is not None:
        raise ShapeError(f"only shards have namespaces; leave it out for {kind.value}").inside("namespaces")
    return Generate(kind, count, seed, namespaces or 1)


GENERATE: Final = Record(
    "generate",
    "Things made up from a seed; the same seed gives the same things.",
    _generate,
    {
        "kind": Key(Choice({kind.value: kind for kind in Kind}), "kind", required=True),
        "count": Key(Integer(0, max(MAX_PEERS, MAX_SHARDS)), "count", required=True),
        "seed": Key(Integer(0, 2**63 - 1), "seed", "0 when absent."),
        "namespaces": Key(Integer(1, 1000), "namespaces", "Over how many namespaces shards are spread; 1 when absent."),
    },
)


class _ClockText:
    """``live`` or a moment."""

    def read(self, value: object) -> Clock:
        text = Text(limit=64).read(value)
        try:
            return parse_clock(text)
        except ClockError as error:
            raise ShapeError(str(error)) from None

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [Only("live").schema(defs), Timestamp().schema(defs)]}


ENUM_FORMS: Final = Choice({form.value: form for form in EnumForm})


_MANNERS: Final = {
    "clock": Key(_ClockText(), "clock"),
    "faults": Key(FAULTS, "faults"),
    "enums": Key(ENUM_FORMS, "enums"),
}
"""How a server behaves, whatever it holds."""


def _only_made(kind: Kind, data: PlaneData) -> None:
    """Refuses data that holds what is to be made up."""
    if data.peers if kind is Kind.PEERS else data.shards != NO_SHARDS:
        raise ShapeError(f'makes the {kind.value}; leave "{kind.value}" out of the data').inside("generate")


def reset_shape(defaults: Settings) -> Record[Settings]:
    """A reset order over ``defaults``: what the order leaves out is as at the start of the process, ``null`` is empty."""

    def build(**given: object) -> Settings:
        if "data" in given:
            data = given["data"] or PlaneData()
            given = {"generate": None, **given, "data": data}
            if isinstance(given["generate"], Generate) and isinstance(data, PlaneData):
                _only_made(given["generate"].kind, data)
        return replace(defaults, **given)  # type: ignore[arg-type]  # the keys below name the fields and their shapes the types

    return Record(
        "reset",
        "A fresh start: what is left out is as at the start of the process.",
        build,
        {
            "data": Key(Nullable(DATA), "data"),
            "generate": Key(Nullable(GENERATE), "generate"),
            **_MANNERS,
        },
    )


def again_shape(defaults: Settings) -> Record[Settings]:
    """An order for a fresh start over the same data: how the server behaves, and nothing about what it holds."""

    def build(**given: object) -> Settings:
        return replace(defaults, **given)  # type: ignore[arg-type]  # as above

    return Record("again", "A fresh start over the same data: what is left out is as at the start of the process.", build, _MANNERS)


def read_data(text: bytes, source: str = "data") -> PlaneData:
    """The data file."""
    return read_text(source, DATA, text, MAX_DOCUMENT)


def read_faults(text: bytes, source: str = "faults") -> tuple[Fault, ...]:
    """A list of faults."""
    return read_text(source, FAULTS, text, MAX_DOCUMENT)


def read_reset(text: bytes, defaults: Settings) -> Settings:
    """The body of a reset; an empty body changes nothing of the defaults."""
    return read_text("reset", reset_shape(defaults), text or b"{}", MAX_DOCUMENT)


def read_again(text: bytes, defaults: Settings) -> Settings:
    """The body of an order for a fresh start over the same data."""
    return read_text("again", again_shape(defaults), text or b"{}", MAX_DOCUMENT)
