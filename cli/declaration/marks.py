"""Marks on declared functions: which command function does the work, in which gear, and what eager options print.

A declared function has a signature and a docstring, no body: Typer binds its values, and the mark hands them on. The
generator reads the same marks, so that the reflective program and the generated one end in the same function.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, get_args

Gear = Literal["front", "core", "full"]
"""`front`: the whole answer follows from the command line and the build, so that the native program needs no interpreter for it."""
Action = Literal["version", "artifact-info"]
"""What an eager option of the program itself can print."""


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb's command function is (`module:function`), and what it needs to run."""

    function: str
    gear: Gear


@dataclass(frozen=True, slots=True)
class Bound:
    """The result of parsing: a verb and its values."""

    verb: Verb
    values: dict[str, Any]


Names = Literal["peers", "nodes", "namespaces", "shards"]
"""What the names that a control plane knows can be names of; `nodes` are the peers whose name can stand in a value that is parted by colons."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What completion offers for the value of an option: names that are asked of the control plane, or words that are always the same.

    With `commas` a value may hold several of them with commas between; the last is the one that is completed.
    """

    names: Names | None = None
    words: tuple[str, ...] = ()
    commas: bool = False


class Requested(Exception):
    """An eager option was given: nothing else is looked at."""

    def __init__(self, action: Action) -> None:
        super().__init__(action)
        self.action = action


class Misdeclared(ValueError):
    """A mark was given something that there is not; the message begins with the place of the mark."""


VERBS: dict[Callable[..., Any], Verb] = {}
ACTIONS: dict[Callable[..., Any], Action] = {}
CANDIDATES: dict[Callable[..., Any], Candidates] = {}


def verb(function: str, gear: Gear = "core") -> Callable[[Callable[..., None]], Callable[..., Bound]]:
    """Marks a declared function as a verb."""
    _known("there is no gear", gear, Gear)
    mark = Verb(function, gear)

    def decorate(declared: Callable[..., None]) -> Callable[..., Bound]:
        @functools.wraps(declared)
        def bind(**values: Any) -> Bound:
            return Bound(mark, {name: plain(value) for name, value in values.items()})

        VERBS[bind] = mark
        return bind

    return decorate


def prints(action: Action) -> Callable[[bool], None]:
    """The callback of an eager option that prints something and ends."""
    _known("there is no action", action, Action)

    def request(value: bool) -> None:
        if value:
            raise Requested(action)

    ACTIONS[request] = action
    return request


def names_of(names: Names, *, commas: bool = False) -> Callable[[str], list[str]]:
    """The `autocompletion=` of an option whose values are names that a control plane knows: the generated scripts ask for them when they complete."""
    _known("there are no names of", names, Names)
    return _registered(Candidates(names=names, commas=commas))


def offers(*words: str, commas: bool = False) -> Callable[[str], list[str]]:
    """The `autocompletion=` of an option that takes these words and others: they are offered, and nothing is refused for not being one of them."""
    return _registered(Candidates(words=words, commas=commas))


def _registered(candidates: Candidates) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [word for word in candidates.words if word.startswith(incomplete)]

    CANDIDATES[complete] = candidates
    return complete


def _known(what: str, given: str, words: Any) -> None:
    """Refuses what is none of the words, with the place of the caller's caller."""
    if given not in get_args(words):
        caller = sys._getframe(2)
        raise Misdeclared(f"{caller.f_code.co_filename}:{caller.f_lineno}: {what} {given!r}; use one of {', '.join(get_args(words))}")


def plain(value: Any) -> Any:
    """Choices are handed on as the text they stand for, several words as a tuple."""
    if isinstance(value, list):
        return tuple(value)
    return value.value if isinstance(value, Enum) else value
