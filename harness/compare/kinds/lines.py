"""``stdout.lines = ["…"]``: these are lines of the stream, whole and in this order; others may stand between them.

The table form says more: ``count`` is the number of lines, ``in-order`` what the list alone says, ``any-order`` the same without the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.compare.base import CheckContext, StreamText
from harness.compare.text import excerpt, visible
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import COUNT, TEXT, Key, Schema, Shape
from harness.model.step import Assertion
from harness.model.template import Template, as_text
from harness.model.verdict import Finding

_LINES: Final[Schema] = {"type": "array", "minItems": 1, "items": TEXT}
_SHAPE: Final = Shape(
    "lines",
    {
        "count": Key({"oneOf": [COUNT, TEXT]}, "how many lines there are"),
        "in-order": Key(_LINES, "lines that stand in this order, others may stand between them"),
        "any-order": Key(_LINES, "lines that occur, in whatever order; one that is listed twice occurs twice"),
    },
    aliases={"length": "count", "size": "count", "ordered": "in-order", "sorted": "in-order", "unordered": "any-order"},
)
_MOST: Final = 10**9


@dataclass(frozen=True, slots=True)
class LinesAssertion(Assertion):
    in_order: tuple[Template, ...] = ()
    any_order: tuple[Template, ...] = ()
    count: object = None
    """A number, or a placeholder for one; None when it is not counted."""


class Lines:
    name = "lines"
    key = Key({"oneOf": [_LINES, _SHAPE.schema()]}, "whole lines of the stream, in this order; or a table of count, in-order and any-order")
    spec_type = LinesAssertion

    def bind(self, node: Node, names: Names) -> LinesAssertion | None:
        if isinstance(node.value, list):
            lines = _bind_lines(node, names)
            return None if lines is None else LinesAssertion(node.position, lines)
        if not isinstance(node.value, dict):
            node.report("H2102", '"lines" must be a list of texts or a table', 'write ["…"]')
            return None
        keys = node.table(_SHAPE) or {}
        if not keys:
            if not node.value:
                node.report("H2108", '"lines" asserts nothing', "a list of lines, or count, in-order, any-order")
            return None
        in_order, any_order = (_bind_lines(keys[name], names) if name in keys else () for name in ("in-order", "any-order"))
        count = _bind_count(keys["count"], names) if "count" in keys else None
        if in_order is None or any_order is None or ("count" in keys and count is None):
            return None
        return LinesAssertion(node.position, in_order, any_order, count)

    def golden(self, spec: LinesAssertion) -> bool:
        return False

    def check(self, spec: LinesAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        lines = stream.text.split("\n")
        if lines[-1] == "":
            lines.pop()
        found = (
            *self._counted(spec, stream.name, lines, context),
            *self._in_order(spec, stream.name, lines, context),
            *self._any_order(spec, stream.name, lines, context),
        )
        return tuple(Finding(step, stream.name, message, spec.position, diff, f"lines.{which}") for which, message, diff in found)

    def _counted(self, spec: LinesAssertion, name: str, lines: list[str], context: CheckContext) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        wanted = context.resolve_value(spec.count)
        if wanted is not None and wanted != len(lines):
            yield "count", f"{name} has {len(lines)} lines, not {as_text(wanted)}", excerpt("\n".join(lines), limit=4)

    def _in_order(self, spec: LinesAssertion, name: str, lines: list[str], context: CheckContext) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        start, before = 0, ""
        for template in spec.in_order:
            wanted = context.resolve(template)
            if wanted in lines[start:]:
                start = lines.index(wanted, start) + 1
                before = wanted
                continue
            message = f"{name} does not have the expected line"
            if wanted in lines:
                message = f'{name} has the expected line only before "{visible(before)}"'
            yield "in-order", message, (f"- {visible(wanted)}", *excerpt("\n".join(lines[start:]), limit=6))
            return

    def _any_order(self, spec: LinesAssertion, name: str, lines: list[str], context: CheckContext) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        missing = Counter(context.resolve(template) for template in spec.any_order) - Counter(lines)
        if missing:
            yield "any-order", f"{name} lacks expected lines", (*(f"- {visible(line)}" for line in missing.elements()), *excerpt("\n".join(lines), limit=6))


def _bind_lines(node: Node, names: Names) -> tuple[Template, ...] | None:
    items = node.items() or []
    bound: list[Template] = []
    for item in items:
        template = item.template(names)
        if template is not None and "\n" in template.source:
            item.report("H2103", "a line has no line end in it", "make an item of each line, or use equals")
        elif template is not None:
            bound.append(template)
    return tuple(bound) if items and len(bound) == len(items) else None


def _bind_count(node: Node, names: Names) -> object:
    return node.value_tree(names) if isinstance(node.value, str) and "$" in node.value else node.integer(0, _MOST)
