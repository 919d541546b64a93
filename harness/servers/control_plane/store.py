"""The state of the control plane, in SQLite: in memory, or in a file that outlives the process.

``Store`` is what the rest of the server sees. Each method is one transaction, so that a process killed at any moment leaves a whole state.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from harness.servers.changes import note_change
from harness.servers.control_plane.model import Disconnect, DrainState, Failure, Node, Participant, PlaneData
from harness.servers.control_plane.shards.model import NO_SHARDS
from harness.servers.control_plane.shards.tables import TABLES, ShardRepository, ShardTables

VERSION: Final = 2
_TABLES: Final = """
CREATE TABLE plane (
    id INTEGER PRIMARY KEY CHECK (id = 1), local_node_id TEXT NOT NULL, has_peers INTEGER NOT NULL, introspection TEXT, has_shards INTEGER NOT NULL
);
CREATE TABLE peer (ordinal INTEGER PRIMARY KEY, node_id TEXT NOT NULL UNIQUE, document TEXT NOT NULL);
CREATE TABLE node (id INTEGER PRIMARY KEY CHECK (id = 1), state INTEGER NOT NULL, reason TEXT, updated_at TEXT);
CREATE TABLE participant (
    ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL, drain REAL NOT NULL,
    fail_message TEXT, fail_on TEXT, fail_status INTEGER, fail_times INTEGER, on_disconnect TEXT NOT NULL,
    state INTEGER NOT NULL, last_error TEXT, updated_at TEXT, failures INTEGER NOT NULL
);
"""
_PARTICIPANT_COLUMNS: Final = "name, drain, fail_message, fail_on, fail_status, fail_times, on_disconnect, state, last_error, updated_at, failures"


class StoreError(Exception):
    """The store cannot be used; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class PeerDocuments:
    """The peers as JSON texts, in the order in which they are sent."""

    local_node_id: str
    documents: tuple[str, ...]


class Store(Protocol):
    """The repository of everything that a request can see or change."""

    def is_new(self) -> bool: ...

    def replace(self, data: PlaneData) -> None: ...

    def peers(self) -> PeerDocuments | None: ...

    def introspection(self) -> dict[str, object] | None: ...

    def shards(self) -> ShardRepository | None: ...

    def node(self) -> Node: ...

    def participants(self) -> tuple[Participant, ...]: ...

    def change(self, node: Node | None, participants: Sequence[tuple[int, Participant]] = ()) -> None: ...

    def is_untouched(self) -> bool: ...

    def close(self) -> None: ...


class SqliteStore:
    """A store in the SQLite file ``path``, or in memory."""

    def __init__(self, path: str | None = None) -> None:
        self._name = path or ":memory:"
        try:
            self._connection = sqlite3.connect(self._name, timeout=0, isolation_level=None, check_same_thread=False)
            self._shards = ShardTables(self._connection)
            self._prepare()
            self._changes = 0
        except sqlite3.Error as error:
            raise StoreError(self._explain(error)) from error

    def _prepare(self) -> None:
        connection = self._connection
        # Exclusive: two servers on one file would each believe in their own drain.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with self._transaction():
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version == 0 and tables == 0:
                for statement in (_TABLES + TABLES).split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise StoreError(f"store {self._name} has layout {version} and not {VERSION}; give another file or remove this one")
            else:
                # A drain lives in its process: one that was cut off, or that failed, ends with it (domain 5, "restart the process").
                stuck = (int(DrainState.DRAINING), int(DrainState.FAILED))
                if connection.execute("SELECT 1 FROM node WHERE state IN (?, ?)", stuck).fetchone():
                    connection.execute("UPDATE node SET state = 0, reason = NULL, updated_at = NULL")
                    connection.execute("UPDATE participant SET state = 0, last_error = NULL, updated_at = NULL")

    def _explain(self, error: sqlite3.Error) -> str:
        text = str(error)
        if "locked" in text:
            return f"store {self._name} is in use by another process; stop that one or give another file"
        if "not a database" in text:
            return f"store {self._name} is no SQLite file; give another file"
        return f"store {self._name} cannot be used: {text}; check that its directory exists and can be written to"

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._shards.forget()
            if self._connection.in_transaction:  # some failures end it by themselves
                self._connection.execute("ROLLBACK")
            raise

    def is_new(self) -> bool:
        return self._connection.execute("SELECT 1 FROM plane").fetchone() is None

    def replace(self, data: PlaneData) -> None:
        """Makes the store hold ``data`` and nothing else."""
        local = data.local_node_id
        # Ordinal order is that of UTF-16 code units in the original, which differs from Python's above U+FFFF.
        ordered = sorted(data.peers or (), key=lambda peer: (peer.node_id != local, peer.node_id.encode("utf-16-be")))
        introspection = None if data.introspection is None else json.dumps(data.introspection, ensure_ascii=False)
        upgrade = data.upgrade
        with self._transaction():
            execute = self._connection.execute
            for table in ("plane", "peer", "node", "participant"):
                execute(f"DELETE FROM {table}")
            execute("INSERT INTO plane VALUES (1, ?, ?, ?, ?)", (local, data.peers is not None, introspection, data.shards is not None))
            execute("INSERT INTO node VALUES (1, ?, ?, ?)", (int(upgrade.node.state), upgrade.node.reason, upgrade.node.updated_at))
            self._connection.executemany(
                "INSERT INTO peer VALUES (?, ?, ?)",
                ((ordinal, peer.node_id, peer.text) for ordinal, peer in enumerate(ordered)),
            )
            self._connection.executemany(
                f"INSERT INTO participant (ordinal, {_PARTICIPANT_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                ((ordinal, *_columns(participant)) for ordinal, participant in enumerate(upgrade.participants)),
            )
            self._shards.replace(data.shards or NO_SHARDS)
        self._changes = 0

    def peers(self) -> PeerDocuments | None:
        local, has_peers = self._connection.execute("SELECT local_node_id, has_peers FROM plane").fetchone()
        if not has_peers:
            return None
        rows = self._connection.execute("SELECT document FROM peer ORDER BY ordinal").fetchall()
        return PeerDocuments(local, tuple(document for (document,) in rows))

    def introspection(self) -> dict[str, object] | None:
        (text,) = self._connection.execute("SELECT introspection FROM plane").fetchone()
        if text is None:
            return None
        document: dict[str, object] = json.loads(text)
        return document

    def shards(self) -> ShardRepository | None:
        (has_shards,) = self._connection.execute("SELECT has_shards FROM plane").fetchone()
        return self._shards if has_shards else None

    def node(self) -> Node:
        state, reason, updated_at = self._connection.execute("SELECT state, reason, updated_at FROM node").fetchone()
        return Node(DrainState(state), reason, updated_at)

    def participants(self) -> tuple[Participant, ...]:
        rows = self._connection.execute(f"SELECT {_PARTICIPANT_COLUMNS} FROM participant ORDER BY ordinal")
        return tuple(_participant(*row) for row in rows)

    def change(self, node: Node | None, participants: Sequence[tuple[int, Participant]] = ()) -> None:
        """Writes the node, if given, and the participants at their ordinals, all or nothing. The only way in which a request changes anything."""
        with self._transaction():
            if node is not None:
                self._connection.execute("UPDATE node SET state = ?, reason = ?, updated_at = ?", (int(node.state), node.reason, node.updated_at))
            self._connection.executemany(
                "UPDATE participant SET state = ?, last_error = ?, updated_at = ?, failures = ? WHERE ordinal = ?",
                ((int(p.state), p.last_error, p.updated_at, p.failures, ordinal) for ordinal, p in participants),
            )
        self._changes += 1
        note_change()

    def is_untouched(self) -> bool:
        """Whether no request has changed anything since it was filled."""
        return self._changes == 0

    def close(self) -> None:
        self._connection.close()


def _columns(participant: Participant) -> tuple[object, ...]:
    failure = participant.failure
    programmed = (failure.message, failure.on, failure.status, failure.times) if failure else (None, None, None, None)
    return (
        participant.name,
        participant.drain,
        *programmed,
        participant.on_disconnect.value,
        int(participant.state),
        participant.last_error,
        participant.updated_at,
        participant.failures,
    )


def _participant(
    name: str,
    drain: float,
    message: str | None,
    fail_on: str,
    status: int,
    times: int | None,
    on_disconnect: str,
    state: int,
    last_error: str | None,
    updated_at: str | None,
    failures: int,
) -> Participant:
    failure = None if message is None else Failure(message, fail_on, status, times)
    return Participant(name, drain, failure, Disconnect(on_disconnect), DrainState(state), last_error, updated_at, failures)
