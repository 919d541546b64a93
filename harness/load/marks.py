"""A step that is marked for timing stands alone: a timing session runs it again and again, in fresh surroundings and without the steps around it.

What it needs comes from servers, starting files and the case table, and it leaves everything as it was. What a file says is checked here; that the step
really holds on its own is found out by the timing session, which performs it once before any clock runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass

from harness.compare.kinds.same import SameAssertion
from harness.load.node import Node
from harness.model.step import FilesExpectation, Step
from harness.model.template import Reference
from harness.verbs.send import SendSpec
from harness.verbs.signal import Signal
from harness.verbs.start import Start
from harness.verbs.type import Type

_CHANGING = frozenset({Start.name, Signal.name, Type.name})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_AGAIN = {
    "until": "it waits for something that others do",
    "retry": "its runs are known to fail, and a failed run is never timed",
}


def changes_world(verb: str, step: Step) -> bool:
    """Whether a step says of itself that afterwards something is not as it was. Of a program nothing else can be known here."""
    if isinstance(step.verb, SendSpec):
        return step.verb.method not in _READING
    return verb in _CHANGING or _changes_files(step.files)


def check_alone(step: Step, node: Node, *, always: bool, changed: str, captured: Collection[str], arguments: Mapping[str, object]) -> None:
    """Report at ``budget`` why the step cannot be timed on its own; ``changed`` is the first step before it that changes the world."""
    reason = _reason(step, always=always, changed=changed, captured=captured, arguments=arguments)
    if reason is not None:
        node.report("H2330", f"this step cannot be timed on its own: {reason[0]}", reason[1], at_key=True)


def _reason(step: Step, *, always: bool, changed: str, captured: Collection[str], arguments: Mapping[str, object]) -> tuple[str, str] | None:
    if always:
        return "it stands in [[finally]]", "put it among the steps"
    again = next((name for name, value in (("until", step.until), ("retry", step.retry)) if value is not None), None)
    if again is not None:
        return f'with "{again}" {_AGAIN[again]}', f'leave "{again}" or the budget out'
    if step.repeat is not None and step.repeat.follow:
        return "each round of its repeat is another command", "budget a step of its own that runs one of them"
    if _changes_files(step.files):
        return "it changes files, so that the second run would not be like the first", "budget a step that leaves files alone"
    used = next((name for name in names_in(step, arguments) if name in captured), None)
    if used is not None:
        return f"it uses ${{{used}}}, which another step captures", "what it needs comes from servers, files and the case table"
    same = next((item.step for stream in (step.stdout, step.stderr) for item in stream.assertions if isinstance(item, SameAssertion)), None)
    if same is not None:
        return f'its output is held against that of step "{same}"', "use a snapshot or contains in its place"
    if changed:
        return f'step "{changed}" before it changes the world', "put it first, or into a scenario of its own"
    return None


def names_in(value: object, arguments: Mapping[str, object]) -> Iterator[str]:
    """The names of all placeholders in a value and in what calls give their procedures for them."""
    if isinstance(value, Reference):
        yield value.name
        if value.name in arguments:
            yield from names_in(arguments[value.name], arguments)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from names_in(getattr(value, field.name), arguments)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names_in(item, arguments)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from names_in(item, arguments)


def _changes_files(files: FilesExpectation) -> bool:
    return bool(files.created or files.modified or files.deleted or files.changed)
