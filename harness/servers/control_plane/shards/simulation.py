"""The plan for a set of nodes: read from the body of a request, worked out over a namespace's records, and told without being stored (domain 6.6)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.servers.control_plane.bodies import Unusable, member
from harness.servers.control_plane.shards.model import DEFAULT_STRATEGY, Record
from harness.servers.control_plane.shards.query import Cursor, Filter
from harness.servers.control_plane.shards.render import ShardError, encoded
from harness.servers.control_plane.shards.strategies import STRATEGIES, Place, PlacementNode, RingTooLarge
from harness.servers.control_plane.shards.tables import BATCH, ShardRepository


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be simulated, as it was sent."""

    namespace: str | None
    strategy: str | None
    nodes: tuple[PlacementNode, ...]


def read_order(document: dict[str, object]) -> Order:
    """The order in a JSON object; ``Unusable`` where a value has a type that the original cannot bind."""
    nodes = member(document, "nodes")
    if nodes is not None and not isinstance(nodes, list):
        raise Unusable("the nodes are no list")
    return Order(_text(document, "namespace"), _text(document, "strategyId"), tuple(_node(node) for node in nodes or ()))


def _node(node: object) -> PlacementNode:
    if not isinstance(node, dict):
        raise Unusable("a node is no object")
    weight = member(node, "weight")
    if weight is None:
        weight = 1.0
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise Unusable("a weight is no number")
    try:
        weight = float(weight)
    except OverflowError:
        weight = math.inf
    if not math.isfinite(weight):
        raise Unusable("a weight is beyond all numbers of its type")
    return PlacementNode(_text(node, "nodeId") or "", weight, _text(node, "region"), _text(node, "zone"))


def _text(document: dict[str, object], name: str) -> str | None:
    value = member(document, name)
    if value is None or isinstance(value, str):
        return value
    raise Unusable(f"{name} is no text")


class Simulation:
    """A checked order over the shards of its namespace; ``run`` works in steps, so that others are served meanwhile."""

    def __init__(self, order: Order, shards: ShardRepository) -> None:
        _check(order)
        self._namespace = order.namespace or ""
        self._shards = shards
        self._strategy = order.strategy if order.strategy and order.strategy.strip() else DEFAULT_STRATEGY
        self._first = shards.page(Filter(self._namespace), None, BATCH)
        if not self._first:
            detail = f"Namespace '{self._namespace}' does not contain shard records."
            raise ShardError(404, "shards.control.namespace.missing", detail, {"namespace": self._namespace})
        self._place = _placing(self._strategy, order.nodes)
        self._assignments: list[bytes] = []
        self._changes: list[bytes] = []

    def run(self) -> Iterator[None]:
        """Works through the records; each step is a batch of them."""
        batch: Sequence[Record] = self._first
        while batch:
            for record in batch:
                self._plan(record)
            yield
            batch = self._shards.page(Filter(self._namespace), Cursor(self._namespace, batch[-1].shard_id), BATCH)

    def _plan(self, record: Record) -> None:
        proposed = self._place(f"{record.namespace}/{record.shard_id}", record.hint)
        shard: dict[str, object] = {"namespace": record.namespace, "shardId": record.shard_id}
        hint = {} if record.hint is None else {"localityHint": record.hint}
        self._assignments.append(encoded({**shard, "ownerNodeId": proposed, "capacity": record.capacity, **hint}))
        if proposed != record.owner:
            self._changes.append(encoded({**shard, "currentOwner": record.owner, "proposedOwner": proposed, "changesOwner": True}))

    def body(self, instant: str) -> bytes:
        """The answer, once ``run`` has come to its end."""
        head = encoded({"namespace": self._namespace, "strategyId": self._strategy, "generatedAt": instant})
        return b'%b,"assignments":[%b],"changes":[%b]}' % (head[:-1], b",".join(self._assignments), b",".join(self._changes))


def _check(order: Order) -> None:
    if order.namespace is None or not order.namespace.strip():
        raise ShardError(400, "shards.control.namespace.required", "Namespace must be provided.")
    if not order.nodes:
        raise ShardError(400, "shards.control.nodes.required", "At least one node must be provided.")
    if any(not node.node_id.strip() for node in order.nodes):
        raise ShardError(400, "shards.control.node_id.invalid", "Node id cannot be empty.")


def _placing(strategy: str, nodes: tuple[PlacementNode, ...]) -> Place:
    make = STRATEGIES.get(strategy.lower())
    if make is None:
        detail = "Requested shard hash strategy is not registered."
        raise ShardError(400, "shards.hashing.strategy.unknown", detail, {"strategyId": strategy})
    try:
        return make(nodes)
    except RingTooLarge as error:
        raise ShardError(500, "shards.hashing.ring_too_large", str(error)) from None
