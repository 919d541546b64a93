"""`omnirelay mesh upgrade status|drain|resume`: the drain state of a node, and how to change it."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.jsontext import compact
from omnirelay.render.safe_text import visible
from omnirelay.timestamps import to_utc_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_upgrade import NodeDrainSnapshot
    from omnirelay.session import Session


def status(session: Session, url: str, output: str, as_json: bool, timeout: str) -> int:
    """Prints where the node stands."""
    limit = control_plane.Limit(timeout)
    return _perform(session, control_plane.upgrade_call(url), limit, as_json or output == "json")


def drain(session: Session, url: str, reason: str | None, output: str, yes: bool, dry_run: bool, timeout: str) -> int:
    """Drains the node and waits for it; asks first on a terminal."""
    limit = control_plane.Limit(timeout)
    call = control_plane.drain_call(url, reason)
    if dry_run:
        session.out(_request_text(call, output == "json"))
        return 0
    if not yes:
        question = "Drain the node at " + call.address.scheme + "://" + call.address.authority + "?"
        session.confirm(question, "The drain was not confirmed and nothing was sent. (answer y, or use --yes)")
    return _perform(session, call, limit, output == "json")


def resume(session: Session, url: str, output: str, timeout: str) -> int:
    """Takes the node back into service."""
    limit = control_plane.Limit(timeout)
    return _perform(session, control_plane.resume_call(url), limit, output == "json")


def _perform(session: Session, call: control_plane.Call, limit: control_plane.Limit, as_json: bool) -> int:
    answer = control_plane.fetch_upgrade(session, call, limit)
    if as_json:
        from omnirelay._generated.wire_upgrade import plain_node_drain_snapshot

        session.out(compact(plain_node_drain_snapshot(answer)) + "\n")
    else:
        session.out(_state_text(answer))
    return 0


def _state_text(answer: NodeDrainSnapshot) -> str:
    parts = ["State   : " + answer.state + "\n"]
    if answer.reason is not None and answer.reason.strip():
        parts.append("Reason  : " + visible(answer.reason) + "\n")
    parts.append("Updated : " + to_utc_text(answer.updated_at) + "\n")
    if answer.participants:
        parts.append("\nParticipants:\n")
        # The position keeps equal names in the server's order.
        order = sorted([(item.name.lower(), index) for index, item in enumerate(answer.participants)])
        for _, index in order:
            item = answer.participants[index]
            error = item.last_error
            suffix = " (error: " + visible(error) + ")" if error is not None and error.strip() else ""
            parts.append(f"  - {visible(item.name)}: {item.state} @ {to_utc_text(item.updated_at)}{suffix}\n")
    return "".join(parts)


def _request_text(call: control_plane.Call, as_json: bool) -> str:
    """What would be sent."""
    if as_json:
        from omnirelay.jsontext import parse

        body = None if call.body is None else parse(call.body.encode("utf-8", "backslashreplace"))
        facts = {"method": call.method, "url": call.address.text, "headers": dict(call.headers), "body": body}
        return compact(facts) + "\n"
    lines = [call.method + " " + call.address.text]
    for name, value in call.headers:
        lines.append(name + ": " + value)
    return "\n".join(lines) + "\n\n" + (call.body or "") + "\n"
