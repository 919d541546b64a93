"""``stdout.matches = '^…$'``: every pattern is found in the stream; ``^`` and ``$`` match at line ends."""

from __future__ import annotations

from dataclasses import dataclass

from harness.compare.base import CheckContext, StreamText
from harness.compare.patience import search
from harness.compare.patterns import bind_pattern, compile_pattern
from harness.compare.text import excerpt
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT_OR_TEXTS, Key
from harness.model.step import Assertion
from harness.model.template import Template
from harness.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class MatchesAssertion(Assertion):
    patterns: tuple[Template, ...]


class Matches:
    name = "matches"
    key = Key(TEXT_OR_TEXTS, "regular expressions that must be found in the stream")
    spec_type = MatchesAssertion

    def bind(self, node: Node, names: Names) -> MatchesAssertion | None:
        items = node.one_or_many()
        patterns = [bind_pattern(item, names) for item in items or ()]
        bound = tuple(pattern for pattern in patterns if pattern is not None)
        return MatchesAssertion(node.position, bound) if items and len(bound) == len(items) else None

    def golden(self, spec: MatchesAssertion) -> bool:
        return False

    def check(self, spec: MatchesAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        compiled = (compile_pattern(pattern, context) for pattern in spec.patterns)
        return tuple(
            Finding(step, stream.name, f"{stream.name} has no match for the pattern", spec.position, (f"- {pattern.pattern}", *excerpt(stream.text)), self.name)
            for pattern in compiled
            if search(pattern, stream.text) is None
        )
