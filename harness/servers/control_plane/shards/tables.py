"""The shards in the control plane's SQLite store: filled as a whole, read in pages. Nothing on the wire changes them, so what is known of them stays true."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, Protocol

from harness.servers.control_plane.shards.model import Change, Record, Row, Shard, ShardSource, ShardStatus
from harness.servers.control_plane.shards.pages import KeptPages
from harness.servers.control_plane.shards.query import Cursor, Filter

TABLES: Final = """
CREATE TABLE shard_record (
    namespace TEXT NOT NULL, shard_id TEXT NOT NULL, owner TEXT NOT NULL, strategy TEXT NOT NULL, leader TEXT, capacity NUMERIC NOT NULL,
    status INTEGER NOT NULL, version INTEGER NOT NULL, checksum TEXT, updated_at TEXT, ticket TEXT, hint TEXT, PRIMARY KEY (namespace, shard_id)
) WITHOUT ROWID;
CREATE TABLE shard_history (
    position INTEGER PRIMARY KEY, namespace TEXT NOT NULL, shard_id TEXT NOT NULL, version INTEGER NOT NULL, owner TEXT NOT NULL, previous_owner TEXT,
    strategy TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, ticket TEXT, delta NUMERIC, metadata TEXT, created_at TEXT
);
"""
BATCH: Final = 500
"""Rows that are read or written at a time: enough to be quick, few enough that nothing large is ever held."""
_KEPT_VERSIONS: Final = 64
_RECORD: Final = "r.namespace, r.shard_id, r.owner, r.strategy, r.leader, r.capacity, r.status, r.version, r.checksum, r.updated_at, r.ticket, r.hint"
_RECORD_COLUMNS: Final = 12
_ROW: Final = "h.position, h.version, h.owner, h.previous_owner, h.strategy, h.actor, h.reason, h.ticket, h.delta, h.metadata, h.created_at"


class ShardRepository(Protocol):
    """What the routes ask of the shards. ``sqlite3.Error`` when the store cannot answer."""

    @property
    def pages(self) -> KeptPages:
        """Pages of these shards that were sent before; none of others."""
        ...

    def page(self, wanted: Filter, after: Cursor | None, size: int) -> tuple[Record, ...]: ...

    def version(self, wanted: Filter) -> int: ...

    def changes(self, first: int, last: int) -> Iterator[tuple[Change, ...]]: ...


class ShardTables:
    """The repository over a connection whose transactions belong to the store around it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._source: ShardSource | None = None
        self._versions: dict[Filter, int] = {}
        self.pages = KeptPages()

    def replace(self, source: ShardSource) -> None:
        """Makes the tables hold what ``source`` gives; they are left alone when they hold it already."""
        if source == self._source:
            return
        self.forget()
        self._connection.execute("DELETE FROM shard_record")
        self._connection.execute("DELETE FROM shard_history")
        shards = source.shards()
        while batch := tuple(islice(shards, BATCH)):
            self._insert(batch)
        self._source = source

    def forget(self) -> None:
        """Forgets what the tables are believed to hold."""
        self._source = None
        self._versions.clear()
        self.pages.clear()

    def _insert(self, batch: tuple[Shard, ...]) -> None:
        self._connection.executemany(
            "INSERT INTO shard_record VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            [_record_columns(shard.record) for shard in batch],
        )
        self._connection.executemany(
            "INSERT INTO shard_history VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [_row_columns(shard.record, row) for shard in batch for row in shard.history],
        )

    def page(self, wanted: Filter, after: Cursor | None, size: int) -> tuple[Record, ...]:
        """At most ``size`` records that are wanted, in order of namespace and shard id, those after a cursor if there is one."""
        conditions, values = _conditions(wanted)
        if after is not None and wanted.namespace is not None:
            conditions.append("r.shard_id > ?")
            values.append(after.shard_id)
        elif after is not None:
            conditions.append("(r.namespace, r.shard_id) > (?, ?)")
            values += [after.namespace, after.shard_id]
        query = f"SELECT {_RECORD} FROM shard_record r{_where(conditions)} ORDER BY r.namespace, r.shard_id LIMIT ?"
        return tuple(_record(columns) for columns in self._connection.execute(query, [*values, size]))

    def version(self, wanted: Filter) -> int:
        """The highest version of all records that are wanted; a walk over many pages asks for it with each of them."""
        if wanted not in self._versions:
            conditions, values = _conditions(wanted)
            (version,) = self._connection.execute(f"SELECT coalesce(max(version), 0) FROM shard_record r{_where(conditions)}", values).fetchone()
            if len(self._versions) == _KEPT_VERSIONS:
                self._versions.clear()
            self._versions[wanted] = version
        return self._versions[wanted]

    def changes(self, first: int, last: int) -> Iterator[tuple[Change, ...]]:
        """The history between two positions, both included, in batches. No statement stays open between two of them."""
        query = (
            f"SELECT {_RECORD}, {_ROW} FROM shard_history h JOIN shard_record r ON r.namespace = h.namespace AND r.shard_id = h.shard_id"
            " WHERE h.position >= ? AND h.position <= ? ORDER BY h.position LIMIT ?"
        )
        while first <= last:
            rows = self._connection.execute(query, (first, last, BATCH)).fetchall()
            if not rows:
                return
            batch = tuple(Change(_record(row[:_RECORD_COLUMNS]), Row(*row[_RECORD_COLUMNS:])) for row in rows)
            yield batch
            first = batch[-1].row.position + 1


def _record_columns(record: Record) -> tuple[object, ...]:
    return (
        record.namespace,
        record.shard_id,
        record.owner,
        record.strategy,
        record.leader,
        record.capacity,
        int(record.status),
        record.version,
        record.checksum,
        record.updated_at,
        record.ticket,
        record.hint,
    )


def _row_columns(record: Record, row: Row) -> tuple[object, ...]:
    return (
        row.position,
        record.namespace,
        record.shard_id,
        row.version,
        row.owner,
        row.previous_owner,
        row.strategy,
        row.actor,
        row.reason,
        row.ticket,
        row.delta,
        row.metadata,
        row.created_at,
    )


def _record(columns: Sequence[Any]) -> Record:
    """The columns of ``_RECORD``, which are declared with the types of the fields."""
    namespace, shard_id, owner, strategy, leader, capacity, status, *rest = columns
    return Record(namespace, shard_id, owner, strategy, leader, capacity, ShardStatus(status), *rest)


def _conditions(wanted: Filter) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []
    for column, value in (("namespace", wanted.namespace), ("owner", wanted.owner)):
        if value is not None:
            conditions.append(f"r.{column} = ?")
            values.append(value)
    if wanted.search is not None:
        # As in the original's relational store: % and _ are wild cards, and the case of ASCII letters is ignored.
        conditions.append("r.shard_id LIKE '%' || ? || '%'")
        values.append(wanted.search)
    if wanted.statuses:
        conditions.append(f"r.status IN ({', '.join('?' * len(wanted.statuses))})")
        values += [int(status) for status in wanted.statuses]
    return conditions, values


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
