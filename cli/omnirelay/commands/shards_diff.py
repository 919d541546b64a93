"""`omnirelay mesh shards diff`: what changed between two positions of the history, as text or as JSON."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.commands import shards_filters
from omnirelay.render.safe_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_shard_diff import ShardDiffEntry
    from omnirelay.session import Session


_AT_ONCE = 1000
"""How many entries are written at once; an answer may have any number of them."""


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
    if as_json or output == "json":
        _print_json(session, call, limit)
    else:
        _print_text(session, call, limit)
    return 0


def _print_json(session: Session, call: control_plane.Call, limit: control_plane.Limit) -> None:
    from omnirelay._generated.wire_shard_diff import plain_shard_diff_entry
    from omnirelay.jsontext import compact, parse_text
    from omnirelay.render.json_document import LARGEST_INDENTED, document

    pieces, last = control_plane.fetch_shard_diff(session, call, limit, lambda entry: compact(plain_shard_diff_entry(entry)))
    end = "]}" if last is None else f'],"lastPosition":{last}}}'
    if sum([len(piece) + 1 for piece in pieces]) <= LARGEST_INDENTED:
        session.out(document(parse_text('{"items":[' + ",".join(pieces) + end)))
        return
    _write(session, '{"items":[', pieces, ",", end + "\n")


def _print_text(session: Session, call: control_plane.Call, limit: control_plane.Limit) -> None:
    """By position."""
    rows, last = control_plane.fetch_shard_diff(session, call, limit, lambda entry: (entry.position, _entry(entry)))
    rows.sort(key=lambda row: row[0])
    nothing = "" if rows else "No shard diffs were found for the requested range.\n"
    _write(session, nothing, [text for _, text in rows], "", f"\nLast position: {'(none)' if last is None else last}\n")


def _write(session: Session, head: str, pieces: list[str], between: str, end: str) -> None:
    """Writes many pieces without ever having all of them in one text."""
    start = 0
    while start + _AT_ONCE < len(pieces):
        session.out(head + between.join(pieces[start : start + _AT_ONCE]) + between)
        head = ""
        start += _AT_ONCE
    session.out(head + between.join(pieces[start:]) + end)


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
