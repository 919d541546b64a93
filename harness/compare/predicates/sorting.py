"""``sorted = "ascending"``: the selected values stand in this order; equal neighbours are allowed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key

_ORDERS = ("ascending", "descending")


class Sorted:
    name = "sorted"
    key = Key({"enum": list(_ORDERS)}, "the order of texts (by code point) or numbers")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.choice(_ORDERS)

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        for (_, left), (place, right) in pairwise(selection.found):
            low, high = (left, right) if wanted == "ascending" else (right, left)
            if not _ordered(low, high):
                yield f"{place} is {brief(right)}, which cannot be ordered with {brief(left)}"
                return
            if low > high:  # type: ignore[operator]  # both are texts or both are numbers
                yield f"{place} is {brief(right)} after {brief(left)}, which is not {wanted}"
                return


def _ordered(left: object, right: object) -> bool:
    return any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, int | float))
