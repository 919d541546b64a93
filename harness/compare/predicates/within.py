"""``within = [a, b]``: every selected value is one of these."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief, equal
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT, Key
from harness.model.template import Template


class Within:
    name = "within"
    key = Key({"oneOf": [{"type": "array", "minItems": 1}, TEXT]}, "the values that are allowed")

    def bind(self, node: Node, names: Names) -> object | None:
        tree = node.value_tree(names)
        if isinstance(tree, Template):
            return tree
        return None if node.items() is None else tree

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        allowed = wanted if isinstance(wanted, list) else [wanted]
        listed = ", ".join(brief(item) for item in allowed)
        yield from (f"{place} is {brief(value)}, not one of {listed}" for place, value in selection.found if not any(equal(item, value) for item in allowed))
