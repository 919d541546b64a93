"""``[[step]]`` and ``[[finally]]``: one verb, what must hold afterwards, and what later steps may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from harness.load.budgets import bind_budget
from harness.load.calls import Surroundings, Taken, enter
from harness.load.expectations import bind_captures, bind_environment, bind_exit, bind_files, bind_stream
from harness.load.flow import bind_gather_checks, bind_gathers, bind_retry
from harness.load.limits import STEPS
from harness.load.marks import changes_world, check_alone
from harness.load.names import RESERVED, Names
from harness.load.node import Node, meant_key
from harness.load.places import bind_relative
from harness.load.programs import bind_program, bind_terminal, check_output, needs_of, refuse_untaken
from harness.load.repeats import bind_repeat, check_follow
from harness.load.shapes import STEP, UNTIL, VERB_STEP_KEYS
from harness.model.step import Step, Until, VerbSpec
from harness.verbs.base import Verb
from harness.verbs.call import NAME as CALL
from harness.verbs.call import bind_call
from harness.verbs.registry import VERBS
from harness.verbs.start import Start

_VERBS = {verb.name: verb for verb in VERBS}


_OF_CALL: Final = frozenset({"id", CALL})
"""What a step that calls a procedure may say. Everything else is said by the steps of the procedure, through its parameters."""


def bind_steps(node: Node | None, names: Names, taken: Taken, heading: str, around: Surroundings) -> tuple[Step, ...]:
    """The steps in order, those of procedures in place of their calls; each one knows the captures of those before it."""
    items = node.items(hint=f"write {heading} above each step") if node is not None else []
    if items and len(items) > STEPS:
        items[STEPS].report("H2306", f"{len(items)} steps; a list holds at most {STEPS}", "divide the file")
        return ()
    steps: list[Step] = []
    for number, item in enumerate(items or (), 1):
        steps += _bind_item(item, number, names.after(taken.ids, taken.captures, taken.lists, taken.broken), taken, heading, around)
    return tuple(steps)


def _bind_item(node: Node, number: int, names: Names, taken: Taken, heading: str, around: Surroundings) -> tuple[Step, ...]:
    label = node.value.get("id") if isinstance(node.value, dict) else None
    subject = f'{heading} "{label[:60]}"' if isinstance(label, str) else f"{heading} {number}"
    keys = node.table(STEP, subject)
    if keys is None:
        return ()
    verb = _verb(node, keys, subject)
    if verb == CALL:
        return _bind_call(node, keys, number, names, taken, around)
    step = _bind_step(node, keys, _VERBS[verb], number, names, taken) if verb is not None else None
    if verb is None or step is None:
        return ()
    if step.budget is not None and step.budget.timed and "budget" in _VERBS[verb].takes:
        captured = taken.captures | taken.lists
        check_alone(step, keys["budget"], always=around.always, changed=taken.changed, captured=captured, arguments=taken.arguments)
    if not taken.changed and changes_world(verb, step):
        taken.changed = step.id
    return (replace(step, calls=around.calls),)


def _bind_call(node: Node, keys: Mapping[str, Node], number: int, names: Names, taken: Taken, around: Surroundings) -> tuple[Step, ...]:
    for name in keys.keys() - _OF_CALL:
        keys[name].report(
            "H2304", f'"{name}" cannot stand beside a call', "write it into the steps of the procedure; a parameter can carry its value", at_key=True
        )
    identity = _bind_id(keys.get("id"), f"{CALL}-{number}", names, taken)
    if not names.prefix and (identity in names.servers or identity in RESERVED):
        (keys.get("id") or node).report(
            "H2204", f'"{identity}" already means something else', "give the call another id: the captures of the procedure are named after it"
        )
    spec = bind_call(keys[CALL])
    entry = enter(node, spec, identity, names, around, taken) if spec is not None else None
    if entry is None:
        taken.broken.add(identity)
        return ()
    steps = bind_steps(entry.steps, entry.names, taken, "step", entry.surroundings)
    node.document.adopt(entry.steps.document.diagnostics, entry.trail)
    return steps


def _bind_step(node: Node, keys: dict[str, Node], verb: Verb[Any], number: int, names: Names, taken: Taken) -> Step | None:
    refuse_untaken(keys, verb, VERB_STEP_KEYS)
    identity = _bind_id(keys.get("id"), f"{verb.name}-{number}", names, taken)
    spec = verb.bind(keys[verb.name], names)
    again = [name for name in ("until", "repeat", "retry") if name in keys]
    if len(again) > 1:
        keys[again[1]].report("H2308", f"a step has either {' or '.join(again)}", "leave one out: each promises something else", at_key=True)
    gathers = bind_gathers(keys.get("gather"), names, taken.lists)
    terminal = bind_terminal(keys.get("terminal"))
    program = bind_program(node, keys, verb, names, taken.programs)
    if verb.name == Start.name:
        taken.programs[identity] = terminal is not None
    step = Step(
        id=identity,
        number=number,
        verb=spec or VerbSpec(),
        position=node.position,
        timeout=keys["timeout"].seconds() if "timeout" in keys else None,
        until=_bind_until(keys.get("until")),
        repeat=bind_repeat(keys.get("repeat"), keys.get("capture"), names),
        env=bind_environment(keys.get("env"), names),
        stdin=keys["stdin"].template(names) if "stdin" in keys else None,
        exit=bind_exit(keys.get("exit"), names),
        stdout=bind_stream(keys.get("stdout"), "stdout", names),
        stderr=bind_stream(keys.get("stderr"), "stderr", names),
        screen=bind_stream(keys.get("screen"), "screen", names),
        files=bind_files(keys.get("files")),
        captures=bind_captures(keys.get("capture"), names, taken.captures),
        gathers=gathers,
        gather_checks=bind_gather_checks(keys.get("gather-check"), names, gathers),
        retry=bind_retry(keys.get("retry")),
        program=program,
        cwd=bind_relative(keys["cwd"], keys["cwd"].text()) if "cwd" in keys else None,
        terminal=terminal,
        needs=needs_of((keys["needs"].texts() or ()) if "needs" in keys else (), spec, terminal, network="network" not in keys),
        network="network" not in keys or keys["network"].choice(("none",)) is None,
        budget=bind_budget(keys.get("budget"), keys.get("report")),
    )
    check_follow(step, keys)
    if spec is None:
        return None
    check_output(keys, verb, step, taken.programs)
    return step


def _verb(node: Node, keys: Mapping[str, Node], subject: str) -> str | None:
    found = [name for name in keys if name in _VERBS or name == CALL]
    if len(found) == 1:
        return found[0]
    known = [*_VERBS, CALL]
    if found:
        keys[found[1]].report("H2303", f"{subject} has {len(found)} verbs: {', '.join(found)}", "a step does exactly one thing; make two of it", at_key=True)
    elif not any(name in STEP.planned or meant_key(name, STEP) in known for name in _unknown(node)):  # such a word was already refused
        node.report("H2302", f"{subject} has no verb", f"one of {', '.join(known)}", at_key=True)
    return None


def _unknown(node: Node) -> list[str]:
    return [name for name in node.value if name not in STEP.keys] if isinstance(node.value, dict) else []


def _bind_id(node: Node | None, default: str, names: Names, taken: Taken) -> str:
    """The full id; one with a mistake is replaced by the default, because the mistake already refuses the file."""
    written = (node.identifier() if node is not None else None) or default
    identity = names.step(written)
    if identity in taken.ids and node is not None:
        node.report("H2110", f'step "{written}" stands twice', "rename one of them")
    while identity in taken.ids:
        identity += "-again"
    taken.ids[identity] = None
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
