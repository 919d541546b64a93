"""What the control plane knows of shards, as frozen values: records, the rows of their history, and where a whole set of them comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from harness.servers.control_plane.enums import WireEnum
from harness.servers.control_plane.shards.xxhash64 import xxhash64

DEFAULT_STRATEGY: Final = "rendezvous"


class ShardStatus(WireEnum):
    """Status of a shard (domain 6.1)."""

    ACTIVE = 0
    DRAINING = 1
    PAUSED = 2
    DISABLED = 3


@dataclass(frozen=True, slots=True)
class Record:
    """A shard as it is now. ``checksum`` absent: the right one, worked out when it is sent; ``updated_at`` absent: the time of each request.

    ``hint`` is where the shard should be placed. It is not sent with the record, and the records of the original have none (domain 6.6).
    """

    namespace: str
    shard_id: str
    owner: str
    strategy: str = DEFAULT_STRATEGY
    leader: str | None = None
    capacity: int | float = 1
    status: ShardStatus = ShardStatus.ACTIVE
    version: int = 1
    checksum: str | None = None
    updated_at: str | None = None
    ticket: str | None = None
    hint: str | None = None

    def digest(self) -> str:
        """The checksum that is sent."""
        if self.checksum is not None:
            return self.checksum
        parts = (
            self.namespace,
            self.shard_id,
            self.strategy,
            self.owner,
            self.leader or "",
            invariant(self.capacity),
            str(int(self.status)),
            self.ticket or "",
        )
        return _checksum("|".join(parts))


@lru_cache(maxsize=1 << 17)
def _checksum(text: str) -> str:
    """Kept, because it is two fifths of what a page costs, and walks over the same shards follow one another: once for each artifact."""
    return f"{xxhash64(text.encode()):016X}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a shard's history; ``position`` counts over all shards."""

    position: int
    version: int
    owner: str
    previous_owner: str | None = None
    strategy: str = DEFAULT_STRATEGY
    actor: str = "system"
    reason: str = "unspecified"
    ticket: str | None = None
    delta: int | float | None = None
    metadata: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """A record with its history, oldest row first."""

    record: Record
    history: tuple[Row, ...]


class ShardSource(Protocol):
    """A set of shards. Two equal sources give equal shards, so that a store need not be filled twice with the same."""

    def shards(self) -> Iterator[Shard]: ...


@dataclass(frozen=True, slots=True)
class WrittenShards:
    """Shards that were written down."""

    written: tuple[Shard, ...] = ()

    def shards(self) -> Iterator[Shard]:
        return iter(self.written)


NO_SHARDS: Final = WrittenShards()


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the history beside the record to which it belongs, as that is now."""

    record: Record
    row: Row


def invariant(number: int | float) -> str:
    """The shortest text of a number, as the original writes it into a checksum: ``1``, ``1.5``, ``1E-05``."""
    return str(int(number)) if number == int(number) else repr(number).upper()
