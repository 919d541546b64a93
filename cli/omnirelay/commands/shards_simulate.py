"""`omnirelay mesh shards simulate`: which shards would move if the nodes were these, as text or as JSON. Nothing is changed."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.faults import Failure
from omnirelay.render.safe_text import shortened, visible
from omnirelay.render.tables import Columns
from omnirelay.timestamps import to_utc_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_shard_simulation import Nodes, ShardSimulationResponse
    from omnirelay.session import Session

_COLUMNS = Columns(("Shard", "Current", "Proposed"), (18, 18, 18))
_NUMBER = frozenset("0123456789.eE+-")
_LARGEST = 1.7976931348623157e308
_EXACT = 1e16


def run(
    session: Session,
    url: str,
    namespace: str | None,
    strategy: str | None,
    node: tuple[str, ...],
    output: str,
    as_json: bool,
    timeout: str,
) -> int:
    """Asks for a plan and prints what it would change."""
    if namespace is None or not namespace.strip():
        raise Failure("Namespace must be provided. (add --namespace, such as --namespace mesh.control)")
    plan = nodes(node)
    limit = control_plane.Limit(timeout)
    call = control_plane.simulation_call(url, namespace, strategy, plan)
    answer = control_plane.fetch_simulation(session, call, limit)
    if as_json or output == "json":
        from omnirelay._generated.wire_shard_simulation import plain_shard_simulation_response
        from omnirelay.render.json_document import document

        session.out(document(plain_shard_simulation_response(answer)))
    else:
        session.out(_text(answer))
    return 0


def nodes(values: tuple[str, ...]) -> list[Nodes]:
    """The nodes of all --node values, or Failure: `nodeId[:weight[:region[:zone]]]`, several separated by commas."""
    if not values:
        raise Failure("At least one --node value must be provided (e.g. --node node-a:1.0).")
    tokens = [token.strip() for value in values for token in value.split(",")]
    if not "".join(tokens):
        raise Failure("Unable to parse any --node values. (write them as nodeId[:weight[:region[:zone]]])")
    return [_node(token) for token in tokens]


def _node(token: str) -> Nodes:
    from omnirelay._generated.wire_shard_simulation import Nodes

    parts = token.split(":", 3)
    name = parts[0]
    if not name.strip():
        raise Failure(f"Could not parse node '{shortened(token, 80)}'. Expected nodeId[:weight[:region[:zone]]].")
    weight = _weight(parts[1], name) if len(parts) > 1 and parts[1] else None
    region = parts[2] if len(parts) > 2 and parts[2] else None
    zone = parts[3] if len(parts) > 3 and parts[3] else None
    return Nodes(name, weight, region, zone)


def _weight(text: str, name: str) -> float:
    """A finite number, as an integer where that is its shortest form."""
    trimmed = text.strip()
    try:
        weight = float(trimmed) if _NUMBER.issuperset(trimmed) else None
    except ValueError:
        weight = None
    if weight is None or not -_LARGEST <= weight <= _LARGEST:
        raise Failure(f"Invalid weight '{shortened(text, 80)}' for node '{shortened(name, 80)}'. (write a finite number, such as 1.5)")
    return int(weight) if -_EXACT < weight < _EXACT and weight == int(weight) else weight


def _text(answer: ShardSimulationResponse) -> str:
    """One row for each shard that would move, by namespace and shard, ignoring case."""
    parts = [
        "Namespace : " + visible(answer.namespace) + "\n",
        "Strategy  : " + visible(answer.strategy_id) + "\n",
        "Generated : " + to_utc_text(answer.generated_at) + "\n",
        f"Assignments: {len(answer.assignments)}\n",
        f"Changes    : {len(answer.changes)}\n",
        "\n",
    ]
    if not answer.changes:
        parts.append("Existing owners already match the proposed plan.\n")
        return "".join(parts)
    parts.append(_COLUMNS.head())
    # The position keeps equal names in the server's order.
    order = sorted([(item.namespace.lower(), item.shard_id.lower(), index) for index, item in enumerate(answer.changes)])
    for _, _, index in order:
        item = answer.changes[index]
        parts.append(_COLUMNS.row((visible(item.shard_id), visible(item.current_owner), visible(item.proposed_owner))))
    return "".join(parts)
