"""The surface of a program as rows, each of which a scenario exercises or not.

``command``: it was asked for and understood. ``option``: each spelling of it on each command was understood; a verb also ran without it,
and with several of it where each of them counts.
``value``: a verb succeeded with each value that an option allows. ``exit``: a verb ended with each exit code. ``text``: an error text was printed.
The product of all of these has more members than anybody could write scenarios for; a fault that needs two of them at once is what property tests
and the recorded argument vectors are for.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.coverage.arguments import Reader, Taken
from harness.coverage.exercise import Exercise
from harness.coverage.texts import ErrorText, seen
from harness.interface.model import Command, Interface

KINDS: Final = ("command", "option", "value", "exit", "text")
LEFT_OUT: Final = "left out"
REPEATED: Final = "repeated"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a scenario may exercise."""

    kind: str
    place: str
    """The command, or the source file of an error text."""
    what: str = ""

    @property
    def name(self) -> str:
        """How it is called where people write about it: ``exit omnirelay explain 2``."""
        return " ".join(part for part in (self.kind, self.place if self.kind != "text" else "", self.what) if part)


def rows(interface: Interface, texts: Sequence[ErrorText]) -> tuple[Row, ...]:
    """All of them, in the order of the interface."""
    found: dict[Row, None] = {}
    for command in interface.commands:
        found |= dict.fromkeys(_of_command(command, interface))
    found |= {Row("text", item.source, item.text): None for item in texts}
    return tuple(found)


def _of_command(command: Command, interface: Interface) -> Iterator[Row]:
    yield Row("command", command.path)
    for parameter in command.parameters:
        if parameter.kind == "words":
            continue
        yield from (Row("option", command.path, name) for name in parameter.names)
        if command.kind == "verb" and parameter.kind != "action":
            yield Row("option", command.path, f"{parameter.names[0]} {LEFT_OUT}")
        if command.kind == "verb" and parameter.repeated:
            yield Row("option", command.path, f"{parameter.names[0]} {REPEATED}")
        yield from (Row("value", command.path, f"{parameter.names[0]} {choice}") for choice in parameter.choices)
    if command.kind == "verb":
        yield from (Row("exit", command.path, code.name) for code in interface.exit_codes)


def exercised(interface: Interface, texts: Sequence[ErrorText], exercises: Iterable[Exercise]) -> frozenset[Row]:
    """The rows that something exercised."""
    reader = Reader(interface)
    commands = {command.path: command for command in interface.commands}
    found: set[Row] = set()
    printed: dict[str, None] = {}
    for exercise in exercises:
        if exercise.stderr:
            printed[exercise.stderr] = None
        taken = reader.read(exercise.arguments)
        found |= set(_by(commands[taken.command], taken, exercise.exit))
    by_text = {item.text: item for item in texts}
    return frozenset(found | {Row("text", by_text[text].source, text) for text in seen(texts, list(printed))})


def _by(command: Command, taken: Taken, code: int) -> Iterator[Row]:
    if command.kind == "verb":
        yield Row("exit", command.path, str(code))
    if not taken.understood:
        return
    yield Row("command", command.path)
    yield from (Row("option", command.path, name) for name, _ in taken.options)
    given: Mapping[str, str | None] = dict(taken.options)
    for parameter in (parameter for parameter in command.parameters if parameter.kind != "words"):
        names = [name for name in parameter.names if name in given]
        if command.kind == "verb" and parameter.kind != "action" and not names and code == 0:
            yield Row("option", command.path, f"{parameter.names[0]} {LEFT_OUT}")
        if parameter.repeated and code == 0 and sum(name in names for name, _ in taken.options) > 1:
            yield Row("option", command.path, f"{parameter.names[0]} {REPEATED}")
        if code == 0:
            values = {str(given[name]).casefold() for name in names}
            yield from (Row("value", command.path, f"{parameter.names[0]} {choice}") for choice in parameter.choices if choice.casefold() in values)


def advice(row: Row) -> str:
    """What to write into a scenario to close the gap."""
    words = row.place.split(" ")[1:]
    if row.kind == "text":
        return f'a step that provokes it, with stderr.contains = "{_longest(row.what)}"'
    if row.kind == "exit":
        return f"run = {_list(words)} so that it ends with {row.what}, and exit = {row.what}"
    if row.what.endswith(LEFT_OUT):
        return f"run = {_list(words)} without {row.what.removesuffix(LEFT_OUT).strip()}, exit = 0"
    if row.kind == "option" and row.what.endswith(REPEATED):
        name = row.what.removesuffix(REPEATED).strip()
        return f"run = {_list([*words, name, '…', name, '…'])}, exit = 0"
    if row.kind == "value":
        return f"run = {_list([*words, *row.what.split(' ', 1)])}, exit = 0"
    return f"run = {_list([*words, *shlex.split(row.what)])}"


def _longest(text: str) -> str:
    return max(text.split("{}"), key=len).strip()


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
