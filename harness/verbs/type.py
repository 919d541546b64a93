"""``type = ["y", { key = "Enter" }]`` with ``in``: a person at the terminal of a started program.

The items are done in order: a text is typed as it stands, ``{ key = "Ctrl-C" }`` is a key by its name, ``{ see = "…" }`` goes on when the screen
shows a text, ``{ match = "…" }`` when a pattern is found on it. What the step says of ``screen`` must come to hold after the last of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.compare.patience import search
from harness.compare.patterns import bind_pattern
from harness.compare.text import excerpt
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT, Key, Shape
from harness.model.observation import Observation
from harness.model.position import Position
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.model.verdict import Finding
from harness.verbs.base import Judging, Performed, ProgramHandle, World
from harness.verbs.keyboard import KEYS, LISTED
from harness.verbs.takes import PROGRAM, SCREEN
from harness.verbs.words import bind_word, word_schema

_ITEM: Final = Shape(
    "an item of type",
    {
        "key": Key(word_schema(tuple(KEYS)), "a key by its name"),
        "see": Key(TEXT, "a text that the screen must show before anything else is typed"),
        "match": Key(TEXT, "a pattern that must be found on the screen before anything else is typed"),
    },
    aliases={"wait": "see", "expect": "see", "contains": "see", "matches": "match", "regex": "match", "press": "key"},
)


@dataclass(frozen=True, slots=True)
class Keystrokes:
    """One item: what is typed, or what has to be seen. Exactly one is given."""

    position: Position
    text: Template | None = None
    key: Template | None = None
    see: Template | None = None
    match: Template | None = None


@dataclass(frozen=True, slots=True)
class TypeSpec(VerbSpec):
    items: tuple[Keystrokes, ...]


class Type:
    name = "type"
    key = Key({"type": "array", "minItems": 1, "items": {"oneOf": [TEXT, _ITEM.schema()]}}, "what is typed into the terminal of a started program")
    spec_type = TypeSpec
    takes = PROGRAM | SCREEN

    def judging(self, spec: TypeSpec) -> Judging:
        return Judging.SO_FAR

    def bind(self, node: Node, names: Names) -> TypeSpec | None:
        items = node.items()
        bound = [_bind_item(item, names) for item in items or ()]
        good = tuple(item for item in bound if item is not None)
        return TypeSpec(good) if items and len(good) == len(items) else None

    def perform(self, spec: TypeSpec, step: Step, world: World) -> Performed:
        program = world.program(step.program)
        for number, item in enumerate(spec.items, 1):
            finding = _see(item, number, step, world, program) if item.see or item.match else _type(item, number, step, world, program)
            if finding is not None:
                return Performed(program.so_far(), (finding,))
        return Performed(program.so_far())


def _bind_item(node: Node, names: Names) -> Keystrokes | None:
    if not isinstance(node.value, dict):
        text = node.template(names, empty=False)
        return None if text is None else Keystrokes(node.position, text=text)
    keys = node.table(_ITEM)
    if keys is None:
        return None
    if len(keys) != 1:
        if len(keys) == len(node.value):  # an unknown word was already refused
            node.report("H2308", f"an item of type is one thing, this one is {len(keys) or 'nothing'}", "a text, or a table with key, see or match")
        return None
    key = bind_word(keys["key"], names, tuple(KEYS), LISTED) if "key" in keys else None
    see = keys["see"].template(names, empty=False) if "see" in keys else None
    match = bind_pattern(keys["match"], names) if "match" in keys else None
    return Keystrokes(node.position, key=key, see=see, match=match) if key or see or match else None


def _type(item: Keystrokes, number: int, step: Step, world: World, program: ProgramHandle) -> Finding | None:
    if item.key is not None:
        what = world.resolve(item.key)
        data = KEYS[what]
    else:
        assert item.text is not None, "the loader makes sure of exactly one"
        what, data = "the text", world.resolve(item.text).encode()
    if program.type(data):
        return None
    observation = program.so_far()
    message = f"item {number}: {what} could not be typed: {program.state()}"
    return Finding(step.id, "type", message, item.position, excerpt(observation.screen), "type")


def _see(item: Keystrokes, number: int, step: Step, world: World, program: ProgramHandle) -> Finding | None:
    if item.see is not None:
        # Nobody sees blanks at the end of a line, and the screen is given without them.
        text = "\n".join(line.rstrip(" ") for line in world.resolve(item.see).split("\n"))
        observation, seen = program.watch(lambda screen: text in screen)
        wanted = text
    else:
        assert item.match is not None, "the loader makes sure of exactly one"
        pattern = _pattern(item.match, world)
        observation, seen = program.watch(lambda screen: search(pattern, screen) is not None)
        wanted = item.match.source
    if seen:
        return None
    message = f"item {number}: the screen does not show what it waits for: {program.state()}"
    return Finding(step.id, "screen", message, item.position, (f"- {wanted}", *_shown(observation)), "type.see")


def _pattern(template: Template, world: World) -> re.Pattern[str]:
    parts = (part if isinstance(part, str) else re.escape(world.resolve(Template("", (part,)))) for part in template.parts)
    return re.compile("".join(parts), re.MULTILINE)


def _shown(observation: Observation) -> tuple[str, ...]:
    return excerpt(observation.screen, limit=24) or ("+ the screen is empty",)
