"""The error for a declaration that the generator cannot prove, with its place in the sources."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import click

from cli.generator.model import BuildError

PROGRAM = "omnirelay"


def refusal(command: click.Command, parameter: click.Parameter | None, what: str, way_out: str) -> BuildError:
    """The error for something that cannot be proven, with its place in the declaration."""
    subject = f"command {command.name or PROGRAM!r}"
    if parameter is not None:
        subject += f", parameter {parameter.name!r}"
    return BuildError(f"{place_of(command, parameter)}: {subject}: the generator cannot prove {what}; {way_out}")


def place_of(command: click.Command, parameter: click.Parameter | None = None) -> str:
    """Where a command, or a parameter of it, is declared: file:line. A group that does not know is where its first command is."""
    if command.callback is not None:
        return place_in(command.callback, parameter.name if parameter is not None else None)
    place = getattr(command.context_settings, "place", None)
    if place is None and isinstance(command, click.Group) and command.commands:
        return place_of(next(iter(command.commands.values())))
    return str(place or "the declaration")


def place_in(function: Callable[..., Any], parameter: str | None = None) -> str:
    """Where a declared function, or a parameter of it, stands in the sources."""
    declared = inspect.unwrap(function)
    file, line = declared.__code__.co_filename, declared.__code__.co_firstlineno
    if parameter is None:
        return f"{file}:{line}"
    lines, start = inspect.getsourcelines(declared)
    for node in ast.walk(ast.parse(textwrap.dedent("".join(lines)))):
        if isinstance(node, ast.arg) and node.arg == parameter:
            line = start + node.lineno - 1
    return f"{file}:{line}"
