"""``[[step]]`` and ``[[finally]]``: one verb, what must hold afterwards, and what later steps may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.load.expectations import bind_captures, bind_environment, bind_exit, bind_files, bind_stream
from harness.load.limits import REPEATS, STEPS
from harness.load.names import Names
from harness.load.node import Node, meant_key
from harness.load.shapes import PROCESS_STEP_KEYS, REPEAT, STEP, UNTIL
from harness.model.step import Repeat, Step, Until, VerbSpec
from harness.verbs.base import Verb
from harness.verbs.registry import VERBS

_VERBS = {verb.name: verb for verb in VERBS}


@dataclass(slots=True)
class Taken:
    """Names that the steps bound so far have taken, over both lists of a file."""

    ids: set[str] = field(default_factory=set)
    captures: set[str] = field(default_factory=set)


def bind_steps(node: Node | None, names: Names, taken: Taken, heading: str) -> tuple[Step, ...]:
    """The steps in order; each one knows the captures of those before it."""
    items = node.items(hint=f"write {heading} above each step") if node is not None else []
    if items and len(items) > STEPS:
        items[STEPS].report("H2306", f"{len(items)} steps; a file holds at most {STEPS}", "divide the file")
        return ()
    steps: list[Step] = []
    for number, item in enumerate(items or (), 1):
        step = _bind_step(item, number, names.with_captures(frozenset(taken.captures)), taken, heading)
        if step is not None:
            steps.append(step)
    return tuple(steps)


def _bind_step(node: Node, number: int, names: Names, taken: Taken, heading: str) -> Step | None:
    label = node.value.get("id") if isinstance(node.value, dict) else None
    subject = f'{heading} "{label[:60]}"' if isinstance(label, str) else f"{heading} {number}"
    keys = node.table(STEP, subject)
    if keys is None:
        return None
    verb = _verb(node, keys, subject)
    if verb is None:
        return None
    if not verb.process:
        for name in keys.keys() & PROCESS_STEP_KEYS.keys():
            keys[name].report("H2304", f'"{name}" belongs to steps that run the program, not to "{verb.name}"', "leave it out", at_key=True)
    identity = _bind_id(keys.get("id"), f"{verb.name}-{number}", taken)
    spec = verb.bind(keys[verb.name], names)
    until, repeat = _bind_until(keys.get("until")), _bind_repeat(keys.get("repeat"))
    if until is not None and repeat is not None:
        keys["repeat"].report("H2308", "a step has either until or repeat", "leave one out", at_key=True)
    step = Step(
        id=identity,
        number=number,
        verb=spec or VerbSpec(),
        position=node.position,
        timeout=keys["timeout"].seconds() if "timeout" in keys else None,
        until=until,
        repeat=repeat,
        env=bind_environment(keys.get("env"), names),
        stdin=keys["stdin"].template(names) if "stdin" in keys else None,
        exit=bind_exit(keys.get("exit"), names),
        stdout=bind_stream(keys.get("stdout"), "stdout", names),
        stderr=bind_stream(keys.get("stderr"), "stderr", names),
        files=bind_files(keys.get("files")),
        captures=bind_captures(keys.get("capture"), names, taken.captures),
    )
    return None if spec is None else step


def _verb(node: Node, keys: Mapping[str, Node], subject: str) -> Verb[Any] | None:
    found = [name for name in keys if name in _VERBS]
    if len(found) == 1:
        return _VERBS[found[0]]
    if found:
        keys[found[1]].report("H2303", f"{subject} has {len(found)} verbs: {', '.join(found)}", "a step does exactly one thing; make two of it", at_key=True)
    elif not any(name in STEP.planned or meant_key(name, STEP) in _VERBS for name in _unknown(node)):  # such a word was already refused
        node.report("H2302", f"{subject} has no verb", f"one of {', '.join(_VERBS)}", at_key=True)
    return None


def _unknown(node: Node) -> list[str]:
    return [name for name in node.value if name not in STEP.keys] if isinstance(node.value, dict) else []


def _bind_id(node: Node | None, default: str, taken: Taken) -> str:
    """The id; one with a mistake is replaced by the default, because the mistake already refuses the file."""
    identity = (node.identifier() if node is not None else None) or default
    if identity in taken.ids and node is not None:
        node.report("H2110", f'step "{identity}" stands twice', "rename one of them")
    while identity in taken.ids:
        identity += "-again"
    taken.ids.add(identity)
    return identity


def _bind_until(node: Node | None) -> Until | None:
    keys = node.table(UNTIL) if node is not None else None
    if keys is None or len(keys) < 2:
        return None
    every, within = keys["every"].seconds(), keys["within"].seconds()
    if every is None or within is None:
        return None
    if within < every:
        keys["within"].report("H2103", '"within" must not be shorter than "every"')
    return Until(every, within)


def _bind_repeat(node: Node | None) -> Repeat | None:
    keys = node.table(REPEAT) if node is not None else None
    times = keys["times"].integer(2, REPEATS) if keys and "times" in keys else None
    return None if times is None else Repeat(times)
