"""Marks on declared functions: which command function does the work, in which gear, and what eager options print.

A declared function has a signature and a docstring, no body: Typer binds its values, and the mark hands them on. The
generator reads the same marks, so that the reflective program and the generated one end in the same function.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

Gear = Literal["front", "core", "full"]
"""`front`: the whole answer follows from the command line and the build, so that the native program needs no interpreter for it."""


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


class Requested(Exception):
    """An eager option was given: nothing else is looked at."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


VERBS: dict[Callable[..., Any], Verb] = {}
ACTIONS: dict[Callable[..., Any], str] = {}


def verb(function: str, gear: Gear = "core") -> Callable[[Callable[..., None]], Callable[..., Bound]]:
    """Marks a declared function as a verb."""
    mark = Verb(function, gear)

    def decorate(declared: Callable[..., None]) -> Callable[..., Bound]:
        @functools.wraps(declared)
        def bind(**values: Any) -> Bound:
            return Bound(mark, {name: plain(value) for name, value in values.items()})

        VERBS[bind] = mark
        return bind

    return decorate


def prints(action: str) -> Callable[[bool], None]:
    """The callback of an eager option that prints something and ends."""

    def request(value: bool) -> None:
        if value:
            raise Requested(action)

    ACTIONS[request] = action
    return request


def plain(value: Any) -> Any:
    """Choices are handed on as the text they stand for, several words as a tuple."""
    if isinstance(value, list):
        return tuple(value)
    return value.value if isinstance(value, Enum) else value
