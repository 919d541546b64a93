"""What the control plane knows, as frozen values: peers, the node's drain state and its participants, settings of a reset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from harness.servers.clock import Clock
from harness.servers.control_plane.enums import EnumForm, WireEnum
from harness.servers.control_plane.introspection import default_introspection
from harness.servers.control_plane.shards.model import NO_SHARDS, ShardSource
from harness.servers.faults import Fault


class DrainState(WireEnum):
    """State of the node and of each participant (domain 5)."""

    ACTIVE = 0
    DRAINING = 1
    DRAINED = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a peer says about itself; an absent member is not sent."""

    node_id: str | None = None
    role: str | None = None
    cluster_id: str | None = None
    region: str | None = None
    mesh_version: str | None = None
    http3_support: bool | None = None
    endpoint: str | None = None
    metadata_version: int | None = None
    labels: Mapping[str, str] | None = None

    def wire(self) -> dict[str, object]:
        members: dict[str, object] = {
            "nodeId": self.node_id,
            "role": self.role,
            "clusterId": self.cluster_id,
            "region": self.region,
            "meshVersion": self.mesh_version,
            "http3Support": self.http3_support,
            "endpoint": self.endpoint,
            "metadataVersion": self.metadata_version,
            "labels": self.labels,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Peer:
    """One member of the mesh as the gossip snapshot shows it."""

    node_id: str
    status: str
    last_seen: str | None = None
    rtt_ms: int | float | None = None
    metadata: Metadata = Metadata()

    def wire(self) -> dict[str, object]:
        members: dict[str, object] = {"nodeId": self.node_id, "status": self.status}
        if self.last_seen is not None:
            members["lastSeen"] = self.last_seen
        if self.rtt_ms is not None:
            members["rttMs"] = self.rtt_ms
        members["metadata"] = self.metadata.wire()
        return members


@dataclass(frozen=True, slots=True)
class PeerDocument:
    """A peer as it is stored and sent: its id and its JSON text."""

    node_id: str
    text: str


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def peer_document(peer: Peer) -> PeerDocument:
    return PeerDocument(peer.node_id, _ENCODE(peer.wire()))


class Disconnect(Enum):
    """What a participant does when the client of the drain goes away while it drains."""

    FAIL = "fail"
    """It stops at once and has failed."""
    FINISH = "finish"
    """It finishes; the drain is then given up before the next participant."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A participant's programmed failure; ``times`` is how often it happens, absent for always."""

    message: str
    on: str = "drain"
    status: int = 409
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """One participant of the drain: what it is told to do and what became of it. ``updated_at`` absent means "now" (domain 5)."""

    name: str
    drain: float = 0.0
    failure: Failure | None = None
    on_disconnect: Disconnect = Disconnect.FAIL
    state: DrainState = DrainState.ACTIVE
    last_error: str | None = None
    updated_at: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """The node's own drain state."""

    state: DrainState = DrainState.ACTIVE
    reason: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The node and its participants in order of registration."""

    node: Node = Node()
    participants: tuple[Participant, ...] = (Participant("dispatcher"),)


@dataclass(frozen=True, slots=True)
class PlaneData:
    """Everything a control plane starts with. Absent ``peers``: no provider; ``introspection``: no dispatcher bound; ``shards``: switched off."""

    local_node_id: str = ""
    peers: tuple[PeerDocument, ...] | None = ()
    upgrade: Upgrade = Upgrade()
    introspection: Mapping[str, object] | None = field(default_factory=default_introspection)
    shards: ShardSource | None = NO_SHARDS


class Kind(Enum):
    """What can be made up."""

    PEERS = "peers"
    SHARDS = "shards"


@dataclass(frozen=True, slots=True)
class Generate:
    """Things made up from a seed instead of written down; ``namespaces`` is how many the shards are spread over."""

    kind: Kind
    count: int
    seed: int
    namespaces: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """What a fresh world is made from."""

    clock: Clock
    data: PlaneData = PlaneData()
    generate: Generate | None = None
    faults: tuple[Fault, ...] = ()
    enums: EnumForm = EnumForm.NAMES
