"""Shards made up from a seed: the same order and moment give the same shards on every machine, one after the other and never all at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from harness.servers.clock import wire_instant
from harness.servers.control_plane.shards.model import Record, Row, Shard, ShardStatus

_STATUSES: Final = (ShardStatus.ACTIVE,) * 13 + (ShardStatus.DRAINING, ShardStatus.PAUSED, ShardStatus.DISABLED)
_MOVED: Final = 8
"""One of so many shards has changed its owner once."""
_MINUTES: Final = 1 << 15
_NODES: Final = tuple(f"node-{number:05d}" for number in range(16))


@dataclass(frozen=True, slots=True)
class MadeShards:
    """``count`` shards over ``namespaces`` namespaces and 16 nodes, each created, and some of them moved, before ``now``."""

    count: int
    seed: int
    namespaces: int
    now: datetime

    def shards(self) -> Iterator[Shard]:
        source = random.Random(self.seed)
        least, more = divmod(self.count, self.namespaces)
        position = 0
        for number in range(self.namespaces):
            for index in range(least + (number < more)):
                shard = self._shard(f"mesh.ns-{number:03d}", f"shard-{index:06d}", source.getrandbits(64), position)
                position += len(shard.history)
                yield shard

    def _shard(self, namespace: str, shard_id: str, bits: int, position: int) -> Shard:
        owner, first = _NODES[bits & 15], _NODES[bits >> 4 & 15]
        status = _STATUSES[bits >> 8 & 15]
        capacity = 1 + (bits >> 12 & 7) / 2
        created = _before(self.now, _MINUTES + (bits >> 15 & _MINUTES - 1))
        moved = bits >> 30 & 1023 if not bits >> 40 & _MOVED - 1 and first != owner else None
        if moved is None:
            row = Row(position + 1, 1, owner, actor="operator", reason="created", created_at=created)
            return Shard(Record(namespace, shard_id, owner, leader=owner, capacity=capacity, status=status, updated_at=created), (row,))
        instant, ticket = _before(self.now, moved), f"chg-{bits >> 44 & 4095:04d}"
        history = (
            Row(position + 1, 1, first, actor="operator", reason="created", created_at=created),
            Row(position + 2, 2, owner, first, actor="rebalancer", reason="rebalance", ticket=ticket, created_at=instant),
        )
        record = Record(namespace, shard_id, owner, leader=owner, capacity=capacity, status=status, version=2, updated_at=instant, ticket=ticket)
        return Shard(record, history)


@lru_cache(maxsize=_MINUTES)
def _before(now: datetime, minutes: int) -> str:
    """Kept, because there are fewer minutes than shards."""
    return wire_instant(now - timedelta(minutes=minutes))
