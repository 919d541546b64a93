"""``stdout.same = "list"``: the stream is what an earlier step printed there, byte for byte after normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.compare.base import CheckContext, StreamText
from harness.compare.text import diff_lines
from harness.load.names import Names
from harness.load.node import Node, known_here, nearest
from harness.load.shape import NAME, Key, Shape
from harness.model.step import Assertion
from harness.model.verdict import Finding

_STREAMS: Final = ("stdout", "stderr", "screen")
_SHAPE: Final = Shape(
    "same",
    {
        "step": Key(NAME, "id of the earlier step", required=True),
        "stream": Key({"enum": list(_STREAMS)}, "which of its streams; the one of this name when absent"),
    },
    aliases={"as": "step", "id": "step", "of": "step"},
)


@dataclass(frozen=True, slots=True)
class SameAssertion(Assertion):
    step: str
    """Its full id."""
    stream: str | None
    """None: the stream of the same name."""


class Same:
    name = "same"
    key = Key({"oneOf": [NAME, _SHAPE.schema()]}, "id of an earlier step that printed the same; or a table of step and stream")
    spec_type = SameAssertion

    def bind(self, node: Node, names: Names) -> SameAssertion | None:
        if node.value is True:
            node.report("H2102", '"same" must be the id of an earlier step', "runs of a repeat are held against each other anyway; leave it out")
            return None
        if isinstance(node.value, str):
            step = _bind_step(node, names)
            return None if step is None else SameAssertion(node.position, step, None)
        if not isinstance(node.value, dict):
            node.report("H2102", '"same" must be the id of an earlier step, or a table')
            return None
        keys = node.table(_SHAPE) or {}
        if "step" not in keys:
            return None
        step = _bind_step(keys["step"], names)
        stream = keys["stream"].choice(_STREAMS) if "stream" in keys else None
        return None if step is None else SameAssertion(node.position, step, stream)

    def golden(self, spec: SameAssertion) -> bool:
        return False

    def check(self, spec: SameAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        of = spec.stream or stream.name
        expected = context.text_of(spec.step, of)
        if expected is None:
            return (Finding(step, stream.name, f"step {spec.step} has no {of} to compare with", spec.position, (), self.name),)
        if expected == stream.text:
            return ()
        return (
            Finding(step, stream.name, f"{stream.name} differs from {of} of step {spec.step}", spec.position, diff_lines(expected, stream.text), self.name),
        )


def _bind_step(node: Node, names: Names) -> str | None:
    text = node.text()
    if text is None or names.step(text) in names.steps:
        return None if text is None else names.step(text)
    known = [step.removeprefix(names.prefix) for step in names.steps if step.startswith(names.prefix)]
    meant = nearest(text, known)
    hint = f'did you mean "{meant}"?' if meant else known_here(known) if known else "the first step has no earlier one"
    node.report("H2312", f'there is no step "{text[:60]}" before this one', hint)
    return None
