"""``wait = "end"`` with ``in``: until a started program has ended, judged like ``run``; ``wait = "output"``: until its output is as the step says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key
from harness.model.step import Step, VerbSpec
from harness.verbs.base import Judging, Performed, World
from harness.verbs.takes import ENDS, PROGRAM, SCREEN

END: Final = "end"
OUTPUT: Final = "output"


@dataclass(frozen=True, slots=True)
class WaitSpec(VerbSpec):
    end: bool


class Wait:
    name = "wait"
    key = Key({"enum": [END, OUTPUT]}, "for the end of a started program, or for its output to be as the step says")
    spec_type = WaitSpec
    takes = PROGRAM | ENDS | SCREEN

    def judging(self, spec: WaitSpec) -> Judging:
        return Judging.END if spec.end else Judging.SO_FAR

    def bind(self, node: Node, names: Names) -> WaitSpec | None:
        word = node.choice((END, OUTPUT))
        return None if word is None else WaitSpec(word == END)

    def perform(self, spec: WaitSpec, step: Step, world: World) -> Performed:
        program = world.program(step.program)
        return Performed(program.end() if spec.end else program.so_far())
