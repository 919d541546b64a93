"""``stdout.snapshot = true``: the whole normalised stream equals the golden that all artifacts share."""

from __future__ import annotations

from dataclasses import dataclass

from harness.compare.base import CheckContext, StreamText
from harness.compare.goldens import compare_golden
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import FLAG, Key
from harness.model.step import Assertion
from harness.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class SnapshotAssertion(Assertion):
    pass


class Snapshot:
    name = "snapshot"
    key = Key(FLAG, "compare with the golden file of this step and stream")
    spec_type = SnapshotAssertion

    def bind(self, node: Node, names: Names) -> SnapshotAssertion | None:
        return SnapshotAssertion(node.position) if node.true() else None

    def golden(self, spec: SnapshotAssertion) -> bool:
        return True

    def check(self, spec: SnapshotAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        return compare_golden(step, stream.name, stream.text, spec.position, self.name, context)
