"""``matches = '^…$'``: the pattern is found in every selected text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.compare.jsonpath import Selection
from harness.compare.jsontext import brief
from harness.compare.patience import search
from harness.compare.patterns import bind_pattern
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT, Key


class Matches:
    name = "matches"
    key = Key(TEXT, "a regular expression; values cannot be inserted into it")

    def bind(self, node: Node, names: Names) -> object | None:
        pattern = bind_pattern(node, names)
        if pattern is not None and pattern.literal is None:
            node.report("H2205", "the pattern of a check takes no placeholders", "use equals or within with ${name}")
            return None
        return None if pattern is None else pattern.literal

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        pattern = re.compile(str(wanted))
        for place, value in selection.found:
            if not isinstance(value, str):
                yield f"{place} is {brief(value)}, not a text"
            elif search(pattern, value) is None:
                yield f"{place} is {brief(value)}, which does not match {wanted}"
