"""Strategies that place shards on nodes: rendezvous, ring and locality (domain 6.5)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from harness.servers.control_plane.shards.xxhash64 import xxhash64

Place = Callable[[str, str | None], str]
"""The node of a shard: from ``namespace/shardId`` and the shard's locality hint."""

_LARGEST: Final = float(2**64 - 1)
_LEAST_WEIGHT: Final = 0.001
_TIE: Final = 1e-12
_POINTS: Final = 64
MAX_POINTS: Final = 100_000
"""Points of all nodes on one ring; more weight than that is no plan but a mistake, and the original would take minutes and gigabytes for it."""


class RingTooLarge(Exception):
    """The weights ask for more points on the ring than there may be."""


@dataclass(frozen=True, slots=True)
class PlacementNode:
    """A node that may own shards."""

    node_id: str
    weight: float = 1.0
    region: str | None = None
    zone: str | None = None


def rendezvous(nodes: Sequence[PlacementNode]) -> Place:
    """The node with the highest weighted hash."""

    def place(key: str, hint: str | None) -> str:
        return _highest(key, nodes)

    return place


def ring(nodes: Sequence[PlacementNode]) -> Place:
    """The node of the first point at or after the shard's hash."""
    counts = [_count(node.weight) for node in nodes]
    if sum(counts) > MAX_POINTS:
        raise RingTooLarge(f"The ring would have more than {MAX_POINTS} points; lower the weights.")
    points = sorted(
        (xxhash64(f"{node.node_id}#{index}".encode()), _ordinal(node.node_id), node.node_id)
        for node, count in zip(nodes, counts, strict=True)
        for index in range(count)
    )
    hashes = [point[0] for point in points]

    def place(key: str, hint: str | None) -> str:
        return points[bisect_left(hashes, xxhash64(key.encode())) % len(points)][2]

    return place


def locality(nodes: Sequence[PlacementNode]) -> Place:
    """Rendezvous among the nodes of the hinted zone, else of the hinted region, else all."""

    def place(key: str, hint: str | None) -> str:
        return _highest(key, _near(hint, nodes))

    return place


STRATEGIES: Final[dict[str, Callable[[Sequence[PlacementNode]], Place]]] = {"rendezvous": rendezvous, "ring": ring, "locality": locality}


def _highest(key: str, nodes: Sequence[PlacementNode]) -> str:
    best, best_score = "", -1.0
    for node in nodes:
        score = xxhash64(f"{key}::{node.node_id}".encode()) / _LARGEST * max(_LEAST_WEIGHT, node.weight)
        closer_than_it_counts = abs(score - best_score) < _TIE
        if (closer_than_it_counts and _ordinal(node.node_id) < _ordinal(best)) or (not closer_than_it_counts and score > best_score):
            best, best_score = node.node_id, score
    return best


def _count(weight: float) -> int:
    # Halves go away from zero, unlike in Python's round; a weight below zero has its one point anyway.
    return max(1, math.floor(min(weight, MAX_POINTS) * _POINTS + 0.5))


def _near(hint: str | None, nodes: Sequence[PlacementNode]) -> Sequence[PlacementNode]:
    region, zone = _places(hint)
    in_zone = [node for node in nodes if zone and (node.zone or "").casefold() == zone]
    in_region = [node for node in nodes if region and (node.region or "").casefold() == region]
    return in_zone or in_region or nodes


def _places(hint: str | None) -> tuple[str, str]:
    """Region and zone that a hint names: ``zone:z``, ``region:r``, ``region/zone`` or ``region``."""
    text = (hint or "").casefold()
    if text.startswith("zone:"):
        return "", text[5:]
    if text.startswith("region:"):
        return text[7:], ""
    region, _, zone = text.partition("/")
    return region, zone


def _ordinal(text: str) -> bytes:
    """The order of UTF-16 code units, which is the original's."""
    return text.encode("utf-16-be")
