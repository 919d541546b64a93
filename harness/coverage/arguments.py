"""A command line as an interface reads it: which command, which options in which spelling, with which values.

The rules are those that most programs share: long options with ``=`` or the next word, clusters of one-letter options, ``--`` before words. Reading
stops at what the interface does not know; what was understood until then is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.interface.model import Command, Interface, Parameter


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command line was understood to say."""

    command: str
    options: tuple[tuple[str, str | None], ...]
    """Spelling and value; no value for a flag."""
    understood: bool
    """All of it; False when something in it is no part of the interface."""


class Reader:
    """Reads command lines of one program."""

    def __init__(self, interface: Interface) -> None:
        self._commands = {command.path: command for command in interface.commands}
        self._program = interface.program
        self._spellings = {
            command.path: {name: parameter for parameter in command.parameters if parameter.kind != "words" for name in parameter.names}
            for command in interface.commands
        }

    def read(self, arguments: Sequence[str]) -> Taken:
        path, words = self._program, list(arguments)
        options: list[tuple[str, str | None]] = []
        understood = True
        while words and understood and words[0] != "--":
            word = words.pop(0)
            if word.startswith("-") and len(word) > 1:
                understood = self._option(path, word, words, options)
            elif f"{path} {word}" in self._commands:
                path = f"{path} {word}"
            else:
                understood = self._takes_words(self._commands[path])
        return Taken(path, tuple(options), understood)

    @staticmethod
    def _takes_words(command: Command) -> bool:
        return any(parameter.kind == "words" for parameter in command.parameters)

    def _option(self, path: str, word: str, words: list[str], options: list[tuple[str, str | None]]) -> bool:
        spellings = self._spellings[path]
        name, equals, attached = word.partition("=")
        parameter = spellings.get(name)
        if parameter is None:
            return not word.startswith("--") and self._cluster(spellings, word[1:], words, options)
        if parameter.kind != "value":
            options.append((name, None))
            return not equals
        return self._value(name, attached if equals else None, words, options)

    def _cluster(self, spellings: dict[str, Parameter], letters: str, words: list[str], options: list[tuple[str, str | None]]) -> bool:
        for index, letter in enumerate(letters):
            parameter = spellings.get(f"-{letter}")
            if parameter is None:
                return False
            if parameter.kind == "value":
                return self._value(f"-{letter}", letters[index + 1 :] or None, words, options)
            options.append((f"-{letter}", None))
        return True

    @staticmethod
    def _value(name: str, attached: str | None, words: list[str], options: list[tuple[str, str | None]]) -> bool:
        if attached is None and not words:
            return False
        options.append((name, words.pop(0) if attached is None else attached))
        return True
