"""``start = ["serve"]``: starts the artifact in the background; later steps name it by the id of this one (``in``).

What the step says of ``stdout``, ``stderr`` or ``screen`` must come to hold while the program runs: the next step begins when it does. The whole
output is accounted for by the ``wait`` step that sees the program end.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXTS, Key
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.verbs.base import Judging, Performed, World
from harness.verbs.takes import SCREEN, STARTS, STREAMS


@dataclass(frozen=True, slots=True)
class StartSpec(VerbSpec):
    arguments: tuple[Template, ...]


class Start:
    name = "start"
    key = Key(TEXTS, "the arguments of a program that runs in the background under the id of the step")
    spec_type = StartSpec
    takes = STARTS | STREAMS | SCREEN | {"terminal"}

    def judging(self, spec: StartSpec) -> Judging:
        return Judging.SO_FAR

    def bind(self, node: Node, names: Names) -> StartSpec | None:
        items = node.items(empty=True)
        bound = [item.argument(names) for item in items or ()]
        arguments = tuple(argument for argument in bound if argument is not None)
        return None if items is None or len(arguments) != len(items) else StartSpec(arguments)

    def perform(self, spec: StartSpec, step: Step, world: World) -> Performed:
        stdin = None if step.stdin is None else world.resolve(step.stdin).encode()
        environment = {name: world.resolve(value) for name, value in step.env.items()}
        return Performed(world.start(world.resolve_arguments(spec.arguments), env=environment, stdin=stdin))
