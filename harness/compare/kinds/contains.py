"""``stdout.contains = ["…"]``: every one of these texts occurs in the stream."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from harness.compare.base import CheckContext, StreamText
from harness.compare.text import excerpt, visible
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT_OR_TEXTS, Key
from harness.model.step import Assertion
from harness.model.template import Template
from harness.model.verdict import Finding

_SEARCHED_LINES = 200
_SEARCHED_COLUMNS = 300


@dataclass(frozen=True, slots=True)
class ContainsAssertion(Assertion):
    texts: tuple[Template, ...]


class Contains:
    name = "contains"
    key = Key(TEXT_OR_TEXTS, "texts that the stream must contain")
    spec_type = ContainsAssertion

    def bind(self, node: Node, names: Names) -> ContainsAssertion | None:
        items = node.one_or_many()
        templates = [item.template(names, empty=False) for item in items or ()]
        bound = tuple(template for template in templates if template is not None)
        return ContainsAssertion(node.position, bound) if items and len(bound) == len(items) else None

    def golden(self, spec: ContainsAssertion) -> bool:
        return False

    def check(self, spec: ContainsAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        wanted = (context.resolve(template) for template in spec.texts)
        return tuple(
            Finding(step, stream.name, f"{stream.name} does not contain the expected text", spec.position, _compared(text, stream.text), self.name)
            for text in wanted
            if text not in stream.text
        )


def _compared(text: str, actual: str) -> tuple[str, ...]:
    """The expected text over the line that comes nearest to it, or over the beginning of the stream."""
    expected = tuple(f"- {visible(line)}" for line in text.splitlines()[:20])
    lines = [line[:_SEARCHED_COLUMNS] for line in actual.splitlines()[:_SEARCHED_LINES]]
    near = difflib.get_close_matches(text[:_SEARCHED_COLUMNS], lines, n=1, cutoff=0.5) if "\n" not in text else []
    return (*expected, *(f"+ {visible(line)}" for line in near)) if near else (*expected, *excerpt(actual, limit=6))
