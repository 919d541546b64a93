"""How shards are written in a data file: only what differs from the usual need be said, and what is said must fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.servers.control_plane.shards.model import DEFAULT_STRATEGY, Record, Row, Shard, ShardStatus, WrittenShards
from harness.servers.scalars import Choice, Integer, Number, ShapeError, Text, Timestamp
from harness.servers.shapes import Key, ListOf
from harness.servers.shapes import Record as Table

MAX_SHARDS: Final = 100_000
MAX_ROWS: Final = 10_000
_FARTHEST: Final = 2**63 - 1
_NAME: Final = Text(limit=256, blank=False)
_TEXT: Final = Text(limit=256)
_CHECKSUM: Final = Text(limit=16, form=(r"^[0-9A-F]{16}(?![\s\S])", "16 hexadecimal digits in capitals"))
_NAMESPACE: Final = Text(limit=256, form=(r"^[^|]*[^|\s][^|]*(?![\s\S])", 'the name of a namespace: text without "|", which divides a cursor'))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as it is written; what is absent follows from the record and the rows beside it."""

    position: int | None = None
    version: int | None = None
    owner: str | None = None
    previous_owner: str | None = None
    strategy: str | None = None
    actor: str = "system"
    reason: str = "unspecified"
    ticket: str | None = None
    delta: int | float | None = None
    metadata: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class _Shard:
    """A shard as it is written: the positions of its rows depend on the shards before it."""

    record: Record
    rows: tuple[_Row, ...]


def _shard(
    *,
    namespace: str,
    shard_id: str,
    owner: str,
    strategy: str = DEFAULT_STRATEGY,
    leader: str | None = None,
    capacity: int | float = 1,
    status: ShardStatus = ShardStatus.ACTIVE,
    version: int | None = None,
    checksum: str | None = None,
    updated_at: str | None = None,
    ticket: str | None = None,
    hint: str | None = None,
    history: tuple[_Row, ...] = (_Row(),),
) -> _Shard:
    # Each row is one version, so a history without versions of its own says how many there are.
    latest = max(1, len(history)) if version is None else version
    if latest < len(history):
        raise ShapeError(f"{len(history)} rows are more than the versions up to {latest}").inside("history")
    record = Record(namespace, shard_id, owner, strategy, leader, capacity, status, latest, checksum, updated_at, ticket, hint)
    return _Shard(record, history)


def _shards(written: tuple[_Shard, ...]) -> WrittenShards:
    places: dict[tuple[str, str], int] = {}
    taken: dict[int, str] = {}
    shards: list[Shard] = []
    position = 0
    for index, shard in enumerate(written):
        record = shard.record
        first = places.setdefault((record.namespace, record.shard_id), index)
        if first != index:
            raise ShapeError(f"the same namespace and shardId as $.shards[{first}]; each shard is written once").inside(index)
        rows: list[Row] = []
        for number, row in enumerate(shard.rows):
            position = position + 1 if row.position is None else row.position
            place = f"$.shards[{index}].history[{number}]"
            if position > _FARTHEST or taken.setdefault(position, place) != place:
                problem = f"has position {position} like {taken[position]}" if position in taken else "has no position left after the row before it"
                raise ShapeError(f"{problem}; give one of them another").inside(number).inside("history").inside(index)
            rows.append(_row(shard, number, position, rows))
        shards.append(Shard(record, tuple(rows)))
    return WrittenShards(tuple(shards))


def _row(shard: _Shard, number: int, position: int, before: Sequence[Row]) -> Row:
    record, row = shard.record, shard.rows[number]
    last = number == len(shard.rows) - 1
    following = None if last else shard.rows[number + 1]
    return Row(
        position,
        row.version or record.version - (len(shard.rows) - 1 - number),
        row.owner or (following.previous_owner if following else None) or record.owner,
        row.previous_owner or (before[-1].owner if before else None),
        row.strategy or record.strategy,
        row.actor,
        row.reason,
        record.ticket if row.ticket is None and last else row.ticket,
        row.delta,
        row.metadata,
        row.created_at or record.updated_at,
    )


_ROW: Final = Table(
    "shardHistory",
    "One change of a shard.",
    _Row,
    {
        "position": Key(Integer(1, _FARTHEST), "position", "Its place in the history of all shards; one more than the row written before it when absent."),
        "version": Key(Integer(1, _FARTHEST), "version", "Counts up to that of the shard when absent."),
        "ownerNodeId": Key(_NAME, "owner", "The previous owner of the next row, or else the owner of the shard, when absent."),
        "previousOwnerNodeId": Key(_NAME, "previous_owner", "The owner of the row before when absent; the first row has none."),
        "strategyId": Key(_NAME, "strategy", "That of the shard when absent."),
        "actor": Key(_TEXT, "actor", '"system" when absent.'),
        "reason": Key(Text(), "reason", '"unspecified" when absent.'),
        "changeTicket": Key(_TEXT, "ticket", "In the last row that of the shard when absent."),
        "ownershipDeltaPercent": Key(Number(-1e9, 1e9), "delta"),
        "metadata": Key(Text(), "metadata", "Sent as text."),
        "createdAt": Key(Timestamp(), "created_at", "That of the shard when absent."),
    },
)
_SHARD: Final = Table(
    "shard",
    "A shard and its history.",
    _shard,
    {
        "namespace": Key(_NAMESPACE, "namespace", required=True),
        "shardId": Key(_NAME, "shard_id", required=True),
        "ownerNodeId": Key(_NAME, "owner", required=True),
        "strategyId": Key(_NAME, "strategy", '"rendezvous" when absent.'),
        "leaderId": Key(_NAME, "leader", "Not sent when absent."),
        "capacityHint": Key(Number(0, 1e12), "capacity", "1 when absent."),
        "status": Key(Choice({status.word: status for status in ShardStatus}), "status", "Active when absent."),
        "version": Key(Integer(1, _FARTHEST), "version", "As many as there are rows in its history when absent."),
        "checksum": Key(_CHECKSUM, "checksum", "The right one when absent."),
        "updatedAt": Key(Timestamp(), "updated_at", "Sent as written; the time of each request when absent."),
        "changeTicket": Key(_TEXT, "ticket", "Not sent when absent."),
        "localityHint": Key(_NAME, "hint", "For plans by locality: zone:z, region:r, region/zone or region. The original has none."),
        "history": Key(ListOf(_ROW, MAX_ROWS), "history", "Oldest row first; one row, its creation, when absent."),
    },
)


@dataclass(frozen=True, slots=True)
class ShardList:
    """The shards of a data file."""

    items: ListOf[_Shard]

    def read(self, value: object) -> WrittenShards:
        return _shards(self.items.read(value))

    def schema(self, defs: dict[str, object]) -> dict[str, object]:
        return self.items.schema(defs)


SHARDS: Final = ShardList(ListOf(_SHARD, MAX_SHARDS))
