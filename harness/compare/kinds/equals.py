"""``stdout.equals = "…"``: the whole stream, byte for byte after normalisation, line ends included."""

from __future__ import annotations

from dataclasses import dataclass

from harness.compare.base import CheckContext, StreamText
from harness.compare.text import diff_lines
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT, Key
from harness.model.step import Assertion
from harness.model.template import Template
from harness.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class EqualsAssertion(Assertion):
    text: Template


class Equals:
    name = "equals"
    key = Key(TEXT, "the whole text of the stream, with its last line end")
    spec_type = EqualsAssertion

    def bind(self, node: Node, names: Names) -> EqualsAssertion | None:
        if node.value == "":
            node.report("H2108", f'"{node.key}" is empty', "leave the stream out: then it must be empty")
            return None
        template = node.template(names, empty=False)
        return None if template is None else EqualsAssertion(node.position, template)

    def golden(self, spec: EqualsAssertion) -> bool:
        return False

    def check(self, spec: EqualsAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        expected = context.resolve(spec.text)
        if expected == stream.text:
            return ()
        return (Finding(step, stream.name, f"{stream.name} is not the expected text", spec.position, diff_lines(expected, stream.text), self.name),)
