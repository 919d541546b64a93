"""`omnirelay mesh shards diff`: what changed between two positions of the history, as text or as JSON."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.commands import shards_filters
from omnirelay.render.safe_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_shard_diff import ShardDiffEntry, ShardDiffResponse
    from omnirelay.session import Session


def run(
    session: Session,
    url: str,
    namespace: str | None,
    owner: str | None,
    search: str | None,
    status: tuple[str, ...],
    from_version: int | None,
    to_version: int | None,
    output: str,
    as_json: bool,
    timeout: str,
) -> int:
    """Fetches the history and prints it."""
    states = shards_filters.statuses(status)
    first, last = shards_filters.positions(from_version, to_version)
    limit = control_plane.Limit(timeout)
    filters = (("namespace", namespace), ("owner", owner), ("search", search))
    call = control_plane.shard_diff_call(url, (*filters, ("fromVersion", first), ("toVersion", last), ("status", states)))
    answer = control_plane.fetch_shard_diff(session, call, limit)
    if as_json or output == "json":
        from omnirelay._generated.wire_shard_diff import plain_shard_diff_response
        from omnirelay.render.json_document import document

        session.out(document(plain_shard_diff_response(answer)))
    else:
        session.out(_text(answer))
    return 0


def _text(answer: ShardDiffResponse) -> str:
    """By position."""
    order = sorted([(entry.position, index) for index, entry in enumerate(answer.items)])
    parts = [_entry(answer.items[index]) for _, index in order] or ["No shard diffs were found for the requested range.\n"]
    last = answer.last_position
    parts.append(f"\nLast position: {'(none)' if last is None else last}\n")
    return "".join(parts)


def _entry(entry: ShardDiffEntry) -> str:
    shard = entry.current
    before = "(new)" if entry.previous is None else visible(entry.previous.owner_node_id)
    lines = [
        f"[{entry.position}] {visible(shard.namespace)}/{visible(shard.shard_id)}",
        f"  owner : {before} -> {visible(shard.owner_node_id)} ({shard.status})",
        f"  version: {shard.version}",
    ]
    if shard.change_ticket is not None and shard.change_ticket.strip():
        lines.append("  ticket : " + visible(shard.change_ticket))
    if entry.history is not None:
        lines.append(f"  actor  : {visible(entry.history.actor)} reason={visible(entry.history.reason)}")
    return "\n".join(lines) + "\n"
