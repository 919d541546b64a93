"""``run = ["mesh", "peers", "list"]``: starts the artifact with these arguments. The program itself is never named."""

from __future__ import annotations

from dataclasses import dataclass

from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXTS, Key
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.verbs.base import Judging, Performed, World
from harness.verbs.takes import COSTS, ENDS, REPEATS, STARTS


@dataclass(frozen=True, slots=True)
class RunSpec(VerbSpec):
    arguments: tuple[Template, ...]


class Run:
    name = "run"
    key = Key(TEXTS, "the arguments, each a text of its own; no shell ever sees them")
    spec_type = RunSpec
    takes = REPEATS | STARTS | ENDS | COSTS

    def judging(self, spec: RunSpec) -> Judging:
        return Judging.END

    def bind(self, node: Node, names: Names) -> RunSpec | None:
        items = node.items(empty=True)
        bound = [item.argument(names) for item in items or ()]
        arguments = tuple(argument for argument in bound if argument is not None)
        return None if items is None or len(arguments) != len(items) else RunSpec(arguments)

    def perform(self, spec: RunSpec, step: Step, world: World) -> Performed:
        stdin = None if step.stdin is None else world.resolve(step.stdin).encode()
        environment = {name: world.resolve(value) for name, value in step.env.items()}
        return Performed(world.spawn(world.resolve_arguments(spec.arguments), env=environment, stdin=stdin))
