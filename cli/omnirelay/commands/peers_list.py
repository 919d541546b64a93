"""`omnirelay mesh peers list`: the members of the mesh as a table or as JSON."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.render.safe_text import visible
from omnirelay.render.tables import Columns
from omnirelay.timestamps import to_utc_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_peers import Peer, PeersResponse
    from omnirelay.session import Session

_COLUMNS = Columns(
    ("Node", "Status", "Role", "Cluster", "Region", "Version", "HTTP/3", "rtt (ms)"),
    (24, 8, 12, 18, 18, 12, 7, -8),
)


def run(session: Session, url: str, output: str, timeout: str) -> int:
    """Fetches the peers and prints them."""
    limit = control_plane.Limit(timeout)
    call = control_plane.peers_call(url)
    answer = control_plane.fetch_peers(session, call, limit)
    if output in ("json", "1"):
        from omnirelay._generated.wire_peers import plain_peers_response
        from omnirelay.jsontext import compact

        session.out(compact(plain_peers_response(answer)) + "\n")
    else:
        session.out(table(answer))
    return 0


def table(answer: PeersResponse) -> str:
    """The local node first, the rest by node id."""
    local = answer.local_node_id
    parts = [
        "Generated at: " + to_utc_text(answer.generated_at) + "\n",
        "Local node: " + visible(local) + "\n",
        "\n",
        _COLUMNS.head(),
    ]
    # False sorts before True, so the local node comes first.
    order = sorted([(peer.node_id != local, peer.node_id, index) for index, peer in enumerate(answer.peers)])
    for _, _, index in order:
        parts.append(_COLUMNS.row(_cells(answer.peers[index])))
    return "".join(parts)


def _cells(peer: Peer) -> tuple[str, ...]:
    facts = peer.metadata
    return (
        visible(peer.node_id),
        peer.status,
        visible(facts.role),
        visible(facts.cluster_id),
        visible(facts.region),
        visible(facts.mesh_version),
        "yes" if facts.http3_support else "no",
        "-" if peer.rtt_ms is None else milliseconds(peer.rtt_ms),
    )


def milliseconds(value: float) -> str:
    """At most two decimals and no zeros at the end."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
