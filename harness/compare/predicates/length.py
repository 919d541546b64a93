"""``length = n``: every selected list, table or text has this many items, members or characters."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT, Key


class Length:
    name = "length"
    key = Key({"oneOf": [{"type": "integer", "minimum": 0}, TEXT]}, "how many items, members or characters")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.value_tree(names) if isinstance(node.value, str) and "$" in node.value else node.integer(0, 10**9)

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        for place, value in selection.found:
            if not isinstance(value, list | dict | str):
                yield f"{place} is {brief(value)}, which has no length"
            elif len(value) != wanted:
                yield f"{place} has length {len(value)}, not {brief(wanted)}"
