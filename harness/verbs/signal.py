"""``signal = "INT"`` with ``in``: sends a signal to the process of a started program, and to no other of its processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key
from harness.model.observation import Observation
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.model.verdict import Finding
from harness.verbs.base import POSIX_SIGNALS, Judging, Performed, World
from harness.verbs.takes import PROGRAM
from harness.verbs.words import bind_word, word_schema

SIGNALS: Final = ("INT", "TERM", "HUP", "QUIT", "KILL", "USR1", "USR2", "STOP", "CONT", "TSTP", "WINCH", "ALRM", "PIPE", "ABRT")


@dataclass(frozen=True, slots=True)
class SignalSpec(VerbSpec):
    signal: Template

    @property
    def needs(self) -> tuple[str, ...]:
        return (POSIX_SIGNALS,)


class Signal:
    name = "signal"
    key = Key(word_schema(SIGNALS), "the signal to send to a started program")
    spec_type = SignalSpec
    takes = PROGRAM

    def judging(self, spec: SignalSpec) -> Judging:
        return Judging.NOTHING

    def bind(self, node: Node, names: Names) -> SignalSpec | None:
        name = bind_word(node, names, SIGNALS, f"one of {', '.join(SIGNALS)}")
        return None if name is None else SignalSpec(name)

    def perform(self, spec: SignalSpec, step: Step, world: World) -> Performed:
        name = world.resolve(spec.signal)
        if world.program(step.program).signal(name):
            return Performed(Observation(step.id))
        message = f'"{step.program}" had ended before signal {name} was sent'
        return Performed(Observation(step.id), (Finding(step.id, "signal", message, step.position, (), "signal"),))
