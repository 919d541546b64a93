"""Bodies of answers, as bytes: member order, omitted members and enum form as the contract shows them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from harness.servers.clock import wire_instant
from harness.servers.control_plane.enums import EnumForm
from harness.servers.control_plane.node import Snapshot
from harness.servers.control_plane.store import PeerDocuments

_CONFLICT: Final = "https://tools.ietf.org/html/rfc9110#section-15.5.10"


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def peers_tail(peers: PeerDocuments) -> bytes:
    """Everything after ``generatedAt``: it does not change between requests and is by far the larger part."""
    return b',"localNodeId":' + compact(peers.local_node_id) + b',"peers":[' + ",".join(peers.documents).encode() + b"]}"


def peers_body(now: datetime, tail: bytes) -> bytes:
    return b'{"schemaVersion":"v1","generatedAt":' + compact(wire_instant(now)) + tail


def upgrade_body(snapshot: Snapshot, form: EnumForm, now: datetime) -> bytes:
    instant = wire_instant(now)
    node = snapshot.node
    members: dict[str, object] = {"state": form.of(node.state)}
    if node.reason is not None:
        members["reason"] = node.reason
    members["updatedAt"] = node.updated_at or instant
    participants: list[dict[str, object]] = []
    for participant in snapshot.participants:
        entry: dict[str, object] = {"name": participant.name, "state": form.of(participant.state)}
        if participant.last_error is not None:
            entry["lastError"] = participant.last_error
        entry["updatedAt"] = participant.updated_at or instant
        participants.append(entry)
    members["participants"] = participants
    return compact(members)


def conflict_body(detail: str) -> bytes:
    return compact({"type": _CONFLICT, "title": "Conflict", "status": 409, "detail": detail})


def introspection_body(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def health_body(mode: str, issues: list[str], active: int, *, draining: bool) -> bytes:
    status = "unavailable" if issues else "ok"
    return compact({"status": status, "mode": mode, "issues": issues, "activeRequests": active, "draining": draining})
