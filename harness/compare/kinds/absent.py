"""``stdout.absent = ["…"]``: none of these texts occurs in the stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.compare.base import CheckContext, StreamText
from harness.compare.text import visible
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT_OR_TEXTS, Key
from harness.model.step import Assertion
from harness.model.template import Template
from harness.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class AbsentAssertion(Assertion):
    texts: tuple[Template, ...]


class Absent:
    name = "absent"
    key = Key(TEXT_OR_TEXTS, "texts that the stream must not contain")
    spec_type = AbsentAssertion

    def bind(self, node: Node, names: Names) -> AbsentAssertion | None:
        items = node.one_or_many()
        templates = [item.template(names, empty=False) for item in items or ()]
        bound = tuple(template for template in templates if template is not None)
        return AbsentAssertion(node.position, bound) if items and len(bound) == len(items) else None

    def golden(self, spec: AbsentAssertion) -> bool:
        return False

    def check(self, spec: AbsentAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        return tuple(self._findings(spec, step, stream, context))

    def _findings(self, spec: AbsentAssertion, step: str, stream: StreamText, context: CheckContext) -> Iterator[Finding]:
        for template in spec.texts:
            text = context.resolve(template)
            at = stream.text.find(text)
            if at >= 0:
                start, number = stream.text.rfind("\n", 0, at) + 1, stream.text.count("\n", 0, at) + 1
                line = visible(stream.text[start:].split("\n", 1)[0])
                yield Finding(step, stream.name, f'{stream.name} contains "{visible(text)}" in line {number}', spec.position, (f"+ {line}",), self.name)
