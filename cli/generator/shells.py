"""What the completion scripts have in common: the tree as a shell needs it, only words that no shell takes apart, and the way to ship a script."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cli.generator.emit_python import HEADER
from cli.generator.model import Application, BuildError, Command

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NAME = re.compile(r"--?[A-Za-z0-9][A-Za-z0-9-]*")
_TEXT = re.compile(r"[ -~]+")


CALLS = {
    "peers": ("peers",),
    # What stands behind the first colon of a node is its weight, so an id that holds one cannot be given.
    "nodes": ("peers", "--without", ":"),
    "namespaces": ("namespaces",),
    "shards": ("shards",),
}
"""Kind of names → what follows `omnirelay completion candidates`; `--url` is passed to all, `--namespace` and what was typed to those of NARROWED."""
NARROWED = ("shards",)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as completion sees it; `placeholder` is empty where no value is taken. `asks` is the kind of names that the program is asked for.

    With `commas` a value may hold several of `values` or of those names; the last is the one that is completed.
    """

    names: tuple[str, ...]
    help: str
    placeholder: str
    values: tuple[str, ...]
    repeated: bool = False
    asks: str = ""
    commas: bool = False

    @property
    def long(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name.startswith("--"))

    @property
    def short(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if not name.startswith("--"))


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the tree: what may follow its path. `declared` is its place in the sources, for error messages.

    `urls` and `namespaces` are the names of the options that say where to ask for names, and of which namespace.
    """

    path: str
    options: tuple[Choice, ...]
    commands: tuple[tuple[str, str], ...]
    declared: str
    urls: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    @property
    def valued(self) -> tuple[str, ...]:
        """Names of the options that take a value."""
        return tuple(name for option in self.options if option.placeholder for name in option.names)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for option in self.options for name in option.names)


def places(application: Application) -> tuple[Place, ...]:
    """All nodes, or BuildError when a text cannot stand in every script as it is."""
    summaries = {command.path: command.summary for command in application.commands}
    return tuple(_place(command, summaries) for command in application.commands)


def _place(command: Command, summaries: dict[str, str]) -> Place:
    options = []
    for option in command.options:
        if option.kind == "words":
            continue
        placeholder = option.metavar if option.kind == "value" else ""
        # Long names first: they say more.
        names = tuple(sorted(option.names, key=lambda name: (not name.startswith("--"), name)))
        for name in names:
            _fits(_NAME, name, command)
        for value in option.offered:
            _fits(_WORD, value, command)
        if option.completes and option.completes not in CALLS:
            raise BuildError(f"{command.place}: {command.path}: no script can ask for names of {option.completes!r}; add a call to cli/generator/shells.py")
        options.append(Choice(names, _fits(_TEXT, option.help, command), placeholder, option.offered, option.repeated, option.completes, option.commas))
    commands = tuple((_fits(_WORD, name, command), _fits(_TEXT, summaries[f"{command.path} {name}"], command)) for name in command.commands)
    return Place(command.path, tuple(options), commands, command.place, _names_of(command, "url"), _names_of(command, "namespace"))


def _names_of(command: Command, parameter: str) -> tuple[str, ...]:
    return tuple(name for option in command.options if option.name == parameter for name in option.names)


def _fits(form: re.Pattern[str], text: str, command: Command) -> str:
    if not form.fullmatch(text):
        raise BuildError(f"{command.place}: {command.path}: {text!r} cannot stand in a completion script, which takes {form.pattern}; reword it")
    return text


def module(shell: str, lines: list[str]) -> dict[str, str]:
    """The module that holds a script, one line of it a line, so that a change can be reviewed."""
    body = "".join(f"    {line + chr(10)!r}\n" for line in lines)
    note = HEADER.replace('"""Generated', f'"""The completion script for {shell}. Generated', 1)
    return {f"completion_{shell}.py": f"{note}from __future__ import annotations\n\nSCRIPT = (\n{body})\n"}


def quoted(text: str) -> str:
    """A single-quoted word of bash and zsh."""
    return "'" + text.replace("'", "'\\''") + "'"
