"""``after = "${started}"``: every selected instant (or number) lies after this one."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief
from harness.compare.predicates.base import nothing
from harness.compare.timestamps import instant
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key
from harness.model.template import Template


class After:
    name = "after"
    key = Key({"oneOf": [{"type": "string"}, {"type": "number"}]}, "an RFC 3339 instant or a number that the value lies after")

    def bind(self, node: Node, names: Names) -> object | None:
        wanted = node.value_tree(names)
        if wanted is None or isinstance(wanted, Template) or _ordered(wanted) is not None:
            return wanted
        node.report("H2103", '"after" needs an RFC 3339 instant or a number', 'such as "2025-01-02T03:04:05Z"')
        return None

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        low = _ordered(wanted)
        for place, value in selection.found:
            high = _ordered(value)
            if low is None or high is None or low[0] != high[0]:
                yield f"{place} is {brief(value)}, which cannot be ordered with {brief(wanted)}"
            elif not high[1] > low[1]:
                yield f"{place} is {brief(value)}, which is not after {brief(wanted)}"


def _ordered(value: object) -> tuple[str, tuple[float, float]] | None:
    """What kind of scale a value lies on, and where."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number", (value, 0)
    moment = instant(value) if isinstance(value, str) else None
    return None if moment is None else ("instant", moment)
