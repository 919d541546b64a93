"""Peers made up from a seed: the same count, seed and moment give the same peers on every machine."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from harness.servers.clock import wire_instant
from harness.servers.control_plane.model import Generate, Metadata, Peer, PeerDocument, peer_document

_REGIONS: Final = ("us-east-1", "us-west-2", "eu-central-1", "ap-south-1", "sa-east-1")
_ROLES: Final = ("worker",) * 16 + ("gateway",) * 3 + ("control",)
_STATUSES: Final = ("Alive",) * 94 + ("Suspect",) * 4 + ("Left",) * 2
_VERSIONS: Final = ("1.4.2", "1.4.2", "1.4.2", "1.4.1", "1.3.9")


@lru_cache(maxsize=4)
def peers(order: Generate, local_node_id: str, now: datetime) -> tuple[PeerDocument, ...]:
    """``order.count`` peers; the first is the local node. Kept for the next reset, because a large mesh takes longer to make than to serve."""
    source = random.Random(order.seed)
    return tuple(peer_document(_peer(source, index, local_node_id, now)) for index in range(order.count))


def local_name(order: Generate) -> str:
    """The local node's id when the data names none."""
    return _name(0) if order.count else ""


def _name(index: int) -> str:
    return f"node-{index:05d}"


def _peer(source: random.Random, index: int, local_node_id: str, now: datetime) -> Peer:
    region = source.choice(_REGIONS)
    zone = f"{region}{source.choice('abc')}"
    metadata = Metadata(
        role=source.choice(_ROLES) if index else "control",
        cluster_id=f"cluster-{source.randrange(1, 9):02d}",
        region=region,
        mesh_version=source.choice(_VERSIONS),
        http3_support=source.random() < 0.8,
        endpoint=f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}:17421",
        metadata_version=source.randrange(1, 400),
        labels={"rack": f"r{source.randrange(1, 65):02d}", "zone": zone},
    )
    status, age, rtt = source.choice(_STATUSES), source.randrange(0, 4000), source.randrange(8, 24_000)
    if index == 0:
        # The local node is always alive, seen now, and never measured (domain 2.1).
        return Peer(local_node_id, "Alive", wire_instant(now), None, metadata)
    seen = now - timedelta(milliseconds=age + {"Alive": 0, "Suspect": 6000, "Left": 3_600_000}[status])
    name = _name(index)
    return Peer(name if name != local_node_id else f"{name}-b", status, wire_instant(seen), rtt / 100, metadata)
