"""``distinct = true``: no two selected values are equal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import FLAG, Key


class Distinct:
    name = "distinct"
    key = Key(FLAG, "no value occurs twice; the path usually ends in [*] or goes through it")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.true()

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        seen: dict[object, str] = {}
        for place, value in selection.found:
            # Lists that are long are lists of texts; anything else is told by its JSON, in a form that no text has.
            key = value if isinstance(value, str) else (json.dumps(value, sort_keys=True),)
            if key in seen:
                yield f"{place} is {brief(value)}, and so is {seen[key]}"
            seen.setdefault(key, place)
