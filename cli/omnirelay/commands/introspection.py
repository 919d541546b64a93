"""`omnirelay introspect`: what a dispatcher serves, calls and runs, as text or as JSON."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.faults import Failure
from omnirelay.render.safe_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_introspect import DispatcherIntrospection, Outbounds, Procedure
    from omnirelay.session import Session

_FIRST_NAMES = 5


def run(session: Session, url: str, output: str, timeout: str) -> int:
    """Fetches the snapshot and prints it."""
    limit = control_plane.Limit(timeout, long_hint=True)
    form = output.lower()
    if form not in ("text", "summary", "json", "raw"):
        raise Failure(f"Unknown format '{visible(output)}'. Expected 'text' or 'json'.")
    call = control_plane.introspect_call(url)
    answer = control_plane.fetch_introspection(session, call, limit)
    if form in ("json", "raw"):
        from omnirelay._generated.wire_introspect import plain_dispatcher_introspection
        from omnirelay.jsontext import indented

        session.out(indented(plain_dispatcher_introspection(answer)))
    else:
        session.out(_text(answer))
    return 0


def _text(answer: DispatcherIntrospection) -> str:
    parts = ["Service: " + visible(answer.service) + "\n", "Status: " + answer.status + "\n"]
    served = answer.procedures
    parts.append("\nProcedures:\n")
    _procedures(parts, "Unary", served.unary)
    _procedures(parts, "Oneway", served.oneway)
    _procedures(parts, "Stream", served.stream)
    _procedures(parts, "ClientStream", served.client_stream)
    _procedures(parts, "Duplex", served.duplex)
    if answer.components:
        parts.append("\nLifecycle components:\n")
        parts += [f"  - {visible(item.name)} ({visible(item.component_type)})\n" for item in answer.components]
    if answer.outbounds:
        parts.append("\nOutbounds:\n")
        for outbound in answer.outbounds:
            _outbound(parts, outbound)
    between = answer.middleware
    parts.append("\nMiddleware (Inbound → Outbound):\n")
    for kind, inbound, outward in (
        ("Unary", between.inbound_unary, between.outbound_unary),
        ("Oneway", between.inbound_oneway, between.outbound_oneway),
        ("Stream", between.inbound_stream, between.outbound_stream),
        ("ClientStream", between.inbound_client_stream, between.outbound_client_stream),
        ("Duplex", between.inbound_duplex, between.outbound_duplex),
    ):
        parts.append(f"  {kind}: inbound[{len(inbound)}] outbound[{len(outward)}]\n")
    return "".join(parts)


def _procedures(parts: list[str], kind: str, procedures: list[Procedure]) -> None:
    parts.append(f"  {kind}: {len(procedures)}\n")
    if not procedures:
        return
    names = ", ".join([visible(procedure.name) for procedure in procedures[:_FIRST_NAMES]])
    rest = len(procedures) - _FIRST_NAMES
    parts.append("    " + names + (f" (+{rest} more)" if rest > 0 else "") + "\n")


def _outbound(parts: list[str], outbound: Outbounds) -> None:
    parts.append("  • " + visible(outbound.service) + "\n")
    for kind, bindings in (
        ("Unary", outbound.unary),
        ("Oneway", outbound.oneway),
        ("Stream", outbound.stream),
        ("ClientStream", outbound.client_stream),
        ("Duplex", outbound.duplex),
    ):
        if bindings:
            parts.append("    " + kind + "\n")
            parts += [f"      - {visible(item.key)}: {visible(item.implementation_type)}\n" for item in bindings]
