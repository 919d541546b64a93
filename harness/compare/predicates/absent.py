"""``absent = true``: the path leads to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import FLAG, Key


class Absent:
    name = "absent"
    key = Key(FLAG, "nothing is there; null counts as something")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.true()

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from (f"{place} is there, {brief(value)}, and must be absent" for place, value in selection.found)
