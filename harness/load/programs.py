"""Started programs in steps: which one a step is about, whether it has a terminal, and what can be said of it there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from harness.load.names import Names
from harness.load.node import Node, nearest
from harness.model.step import Assertion, Step, StreamExpectation, Terminal, VerbSpec
from harness.verbs.base import SYSCALL_FILTER, TTY, Judging, Verb
from harness.verbs.start import Start
from harness.verbs.type import Type

LARGEST: Final = (500, 200)
_LITERAL: Final = frozenset({"equals", "contains", "absent"})
_GROWING: Final = frozenset({"contains", "matches"})
"""What can be said of output that goes on: more of it cannot make it wrong."""


def refuse_untaken(keys: Mapping[str, Node], verb: Verb[Any], all_keys: Collection[str]) -> None:
    for name, node in keys.items():
        if name in all_keys and name not in verb.takes:
            node.report("H2304", f'"{name}" means nothing beside "{verb.name}"', _hint(name, verb), at_key=True)


def _hint(name: str, verb: Verb[Any]) -> str:
    if name in ("stdout", "stderr", "exit", "files", "capture") and verb.name in ("start", "type", "signal"):
        return 'how the program ends is judged by a step with wait = "end"'
    if name in ("terminal", "screen") and verb.name == "run":
        return "start the program, type into it, and wait for its end: start, type, wait"
    if name in ("budget", "report"):
        return 'only a step with "run" has a start and an end that can be timed'
    return "leave it out"


def bind_program(node: Node, keys: Mapping[str, Node], verb: Verb[Any], names: Names, programs: Mapping[str, bool]) -> str:
    """The full id of the start step that ``in`` names; empty when the verb needs none, or after the mistake was reported."""
    if "in" not in verb.takes:
        return ""
    if "in" not in keys:
        node.report("H2321", f'"{verb.name}" does not say in which program', _started(names, programs) or 'start one first: start = ["…"]', at_key=True)
        return ""
    written = keys["in"].identifier()
    if written is None:
        return ""
    if names.step(written) not in programs:
        known = _known(names, programs)
        meant = nearest(written, known)
        hint = f'did you mean "{meant}"?' if meant else _started(names, programs) or 'no step before this one has the verb "start"'
        keys["in"].report("H2320", f'no step before this one starts a program "{written}"', hint)
        return ""
    if verb.name == Type.name and not programs[names.step(written)]:
        keys["in"].report("H2322", f'"{written}" has no terminal to type into', f'give the step "{written}" a terminal = "80x24"')
    return names.step(written)


def bind_terminal(node: Node | None) -> Terminal | None:
    text = node.text() if node is not None else None
    if node is None or text is None:
        return None
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and columns.isascii() and rows.isascii() and len(text) <= 7):
        node.report("H2103", f'"{text[:30]}" is not the size of a terminal', 'columns x rows, such as "80x24"')
        return None
    size = Terminal(int(columns), int(rows))
    if not (2 <= size.columns <= LARGEST[0] and 1 <= size.rows <= LARGEST[1]):
        node.report("H2103", f"a terminal of {text} is not possible", f"from 2x1 to {LARGEST[0]}x{LARGEST[1]}")
        return None
    return size


def needs_of(written: tuple[str, ...], spec: VerbSpec | None, terminal: Terminal | None, *, network: bool) -> tuple[str, ...]:
    """Capabilities that a step was given, and those that follow from what it does."""
    implied = (*(spec.needs if spec is not None else ()), *((TTY,) if terminal is not None else ()), *(() if network else (SYSCALL_FILTER,)))
    return tuple(dict.fromkeys((*written, *implied)))


def check_output(keys: Mapping[str, Node], verb: Verb[Any], step: Step, programs: Mapping[str, bool]) -> None:
    """Streams and screens do not go together, and of a program that goes on not everything can be said."""
    on_terminal = programs.get(step.program) if step.program else step.terminal is not None
    if "in" in verb.takes or verb.name == Start.name:
        for name in ("stdout", "stderr", "stdin"):
            if on_terminal and name in keys and name in verb.takes:
                keys[name].report("H2322", f'a program on a terminal has no "{name}" of its own', "say it of screen, or type it", at_key=True)
        if on_terminal is False and "screen" in keys and "screen" in verb.takes:
            keys["screen"].report(
                "H2322", "the program has no terminal, so there is no screen", 'say it of stdout and stderr, or start it with terminal = "80x24"', at_key=True
            )
    if verb.judging(step.verb) is Judging.SO_FAR:
        _check_so_far(keys, step)
    if "screen" in keys:
        _check_blanks(keys["screen"])


def _check_blanks(screen: Node) -> None:
    """Blanks at the end of a line cannot be told from no blanks, so a screen never has them."""
    for name, value in screen.value.items() if isinstance(screen.value, dict) else ():
        texts = value if isinstance(value, list) else [value]
        if name in _LITERAL and any(isinstance(text, str) and any(line.endswith(" ") for line in text.split("\n")) for text in texts):
            screen.child(name, value).report("H2325", f'"{name}" has a blank at the end of a line, and a screen never has one', "leave the blank out")


def _check_so_far(keys: Mapping[str, Node], step: Step) -> None:
    for name in ("exit", "files", "capture"):
        if name in keys and "wait" in keys:
            keys[name].report("H2323", f'"{name}" is not known while the program runs', 'it belongs to a step with wait = "end"', at_key=True)
    for stream in (step.stdout, step.stderr):
        for name in _kinds(keys, stream) - _GROWING - {"ignore"}:
            node = keys[stream.stream]
            assert isinstance(node.value, dict), "a stream with assertions is a table"
            hint = 'contains and matches can be said; the rest belongs to a step with wait = "end"'
            node.child(name, node.value[name]).report("H2323", f'"{name}" cannot be said of {stream.stream} while the program runs', hint, at_key=True)
    if "wait" in keys and not any(stream.assertions for stream in (step.stdout, step.stderr, step.screen)):
        keys["wait"].report("H2108", "this step waits for no output", 'say what stdout, stderr or screen contains, or write wait = "end"')


def _kinds(keys: Mapping[str, Node], stream: StreamExpectation) -> set[str]:
    value = keys[stream.stream].value if stream.stream in keys else {}
    assertions: tuple[Assertion, ...] = stream.assertions
    return set(value) if isinstance(value, dict) and assertions else set()


def _known(names: Names, programs: Mapping[str, bool]) -> list[str]:
    return [name.removeprefix(names.prefix) for name in programs if name.startswith(names.prefix)]


def _started(names: Names, programs: Mapping[str, bool]) -> str:
    known = _known(names, programs)
    return f"started before: {', '.join(known)}" if known else ""
