"""``equals = value``: every selected value is this one."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief, equal
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import ANYTHING, Key


class Equals:
    name = "equals"
    key = Key(ANYTHING, "the value; numbers by value, texts exactly")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.value_tree(names)

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        yield from (f"{place} is {brief(value)}, not {brief(wanted)}" for place, value in selection.found if not equal(wanted, value))
