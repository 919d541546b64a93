"""Bodies of the shard routes, as the contract shows them: member order, omitted members, enum form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.servers.control_plane.enums import EnumForm
from harness.servers.control_plane.shards.model import Change, Record

_TITLE: Final = "Shard control-plane error"
_TYPES: Final = {400: "15.5.1", 404: "15.5.5", 500: "15.6.1"}
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ShardError(Exception):
    """A request that the shard routes answer with a problem; ``metadata`` names the value at fault."""

    def __init__(self, status: int, code: str, detail: str, metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.metadata = dict(metadata or {})


@dataclass(frozen=True, slots=True)
class Form:
    """How values are sent in one answer: enums as names or numbers, and the moment that stands for an absent time."""

    enums: EnumForm
    instant: str


def problem_body(error: ShardError) -> bytes:
    link = f"https://tools.ietf.org/html/rfc9110#section-{_TYPES[error.status]}"
    members: dict[str, object] = {"type": link, "title": _TITLE, "status": error.status, "detail": error.detail, "code": error.code}
    if error.metadata:
        members["metadata"] = error.metadata
    return encoded(members)


def error_body(text: str) -> bytes:
    return encoded({"error": text})


def encoded(value: object) -> bytes:
    return _ENCODE(value).encode()


def page_body(records: Sequence[Record], cursor: str | None, version: int, form: Form) -> bytes:
    members: dict[str, object] = {"items": [summary(record, form) for record in records]}
    if cursor is not None:
        members["nextCursor"] = cursor
    members["version"] = version
    return encoded(members)


def summary(record: Record, form: Form) -> dict[str, object]:
    members: dict[str, object] = {
        "namespace": record.namespace,
        "shardId": record.shard_id,
        "strategyId": record.strategy,
        "ownerNodeId": record.owner,
        "leaderId": record.leader,
        "capacityHint": record.capacity,
        "status": form.enums.of(record.status),
        "version": record.version,
        "checksum": record.digest(),
        "updatedAt": record.updated_at or form.instant,
        "changeTicket": record.ticket,
    }
    return _present(members)


def entry(change: Change, form: Form) -> dict[str, object]:
    """A change as the relational store tells it: the row's owner, strategy, version and time, and else the record as it is now (domain 6.4)."""
    row = change.row
    now = replace(
        change.record,
        checksum=change.record.digest(),
        owner=row.owner,
        strategy=row.strategy,
        version=row.version,
        updated_at=row.created_at,
        ticket=change.record.ticket if row.ticket is None else row.ticket,
    )
    members: dict[str, object] = {"position": row.position, "current": summary(now, form)}
    if row.previous_owner is not None:
        # Without a checksum of its own, so that the one of that owner is worked out.
        members["previous"] = summary(replace(now, owner=row.previous_owner, version=row.version - 1, checksum=None), form)
    members["history"] = _history(change, form)
    return members


def _history(change: Change, form: Form) -> dict[str, object]:
    record, row = change.record, change.row
    members: dict[str, object] = {
        "namespace": record.namespace,
        "shardId": record.shard_id,
        "version": row.version,
        "strategyId": row.strategy,
        "actor": row.actor,
        "reason": row.reason,
        "changeTicket": row.ticket,
        "createdAt": row.created_at or form.instant,
        "ownerNodeId": row.owner,
        "previousOwnerNodeId": row.previous_owner,
        "ownershipDeltaPercent": row.delta,
        "metadata": row.metadata,
        "key": {"namespace": record.namespace, "shardId": record.shard_id},
    }
    return _present(members)


def frame(change: Change, form: Form) -> bytes:
    """One event of the watch."""
    return b"id: %d\nevent: shard.diff\ndata: %b\n\n" % (change.row.position, encoded(entry(change, form)))


def failure_frame(error: ShardError) -> bytes:
    """The last event of a watch whose store has failed."""
    return b"event: shard.error\ndata: %b\n\n" % encoded({"code": error.code, "message": error.detail, "metadata": error.metadata})


def joined(changes: Iterable[Change], form: Form) -> bytes:
    """Entries of a list, without its brackets."""
    return b",".join(encoded(entry(change, form)) for change in changes)


def _present(members: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
