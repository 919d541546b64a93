"""The frozen command model: all that an emitter needs to know of the declaration, in plain values.

Nothing in it is Python's own, so that tables for another language can be emitted from it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Literal

Kind = Literal["value", "flag", "action", "words"]
Type = Literal["text", "integer"]
Rule = Literal["value", "integer", "repeated", "flag", "action", "words"]
Pieces = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One option, or (kind `words`) the loose words of a verb.

    `default` of an action is the action's name; `hint` is the name in error messages; `offered` are the words that completion shows: some of
    the choices, the others being accepted for old scripts, or words that are usual where any text is taken. `completes` says of what the
    values are names, when a control plane knows them, and `commas` that a value may hold several, with commas between. A `repeated` option
    keeps the values of all its occurrences, in their order, and is empty (and its default None) without any; of any other option the last
    one counts.
    """

    name: str
    kind: Kind
    names: tuple[str, ...]
    default: str | bool | None
    hint: str
    choices: tuple[str, ...]
    offered: tuple[str, ...] = ()
    metavar: str = ""
    help: str = ""
    type: Type = "text"
    repeated: bool = False
    completes: str = ""
    commas: bool = False

    @property
    def rule(self) -> Rule:
        """How its words are read: by its kind, and for kind `value` by what becomes of the value."""
        if self.kind != "value":
            return self.kind
        return "repeated" if self.repeated else "integer" if self.type == "integer" else "value"


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a help page: a `text`, a `section` heading, or a `row` of a definition list, cut into pieces."""

    tag: Literal["text", "section", "row"]
    first: str
    paragraphs: tuple[Pieces, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """The command function of a verb, and what the native program needs to run it."""

    function: str
    gear: Literal["front", "core", "full"]


@dataclass(frozen=True, slots=True)
class Command:
    """A group (with `commands`) or a verb (with `work`). `long` and `short` give the position in `options`.

    `place` is where it was declared (file:line), for error messages; it is no part of what the command means.
    """

    path: str
    summary: str
    usage: Pieces
    options: tuple[Option, ...]
    long: tuple[tuple[str, int], ...]
    short: tuple[tuple[str, int], ...]
    commands: tuple[str, ...]
    page: tuple[Row, ...]
    work: Work | None
    place: str = dataclasses.field(compare=False)

    def description(self) -> tuple[str, ...]:
        """The paragraphs of the help text, unwrapped."""
        return tuple("".join(pieces) for row in self.page if row.tag == "text" for pieces in row.paragraphs)


@dataclass(frozen=True, slots=True)
class Application:
    """The whole tree, parents before children."""

    commands: tuple[Command, ...]

    def to_json(self) -> str:
        """The canonical text of the model."""
        document = dataclasses.asdict(self)
        for command in document["commands"]:
            del command["place"]
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def digest(self) -> str:
        """The parser hash: equal when two programs parse alike and print the same help."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


class BuildError(Exception):
    """The declaration holds something that the generator cannot prove; the message names file, line and a way out."""
