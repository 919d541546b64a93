"""``call = { procedure = "upgrade.await-state", url = "${plane.url}" }``: the steps of a procedure, with these arguments.

A call is resolved when the file is loaded: its steps take its place, each with the id ``<call>.<step>``. So nothing is performed here, and whatever is
known about a step (its time limit, its goldens, its entry in the ledger) is known about the steps of a procedure in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.load.node import Node
from harness.load.shape import TEXT, Key

NAME: Final = "call"
PROCEDURE: Final = "procedure"
KEY: Final = Key(
    {"oneOf": [TEXT, {"type": "object", "required": [PROCEDURE], "properties": {PROCEDURE: TEXT}, "additionalProperties": {}}]},
    "the name of a procedure, or a table of its name and its arguments",
)


@dataclass(frozen=True, slots=True)
class CallSpec:
    """Which procedure, where its name stands, and the arguments as they were written."""

    procedure: str
    name: Node
    arguments: Mapping[str, Node]


def bind_call(node: Node) -> CallSpec | None:
    """The call, or None after every mistake was reported on the node. Which procedures there are is not known here."""
    if isinstance(node.value, str):
        name = node.text()
        return None if name is None else CallSpec(name, node, {})
    if not isinstance(node.value, dict):
        node.report("H2102", f'"{NAME}" must be the name of a procedure, or a table of its name and its arguments')
        return None
    arguments = node.free_table() or {}
    if PROCEDURE not in arguments:
        node.report("H2101", f'this call has no "{PROCEDURE}"', "it names what is called", at_key=True)
        return None
    place = arguments.pop(PROCEDURE)
    name = place.text()
    return None if name is None else CallSpec(name, place, arguments)
