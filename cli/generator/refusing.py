"""The error for a declaration that the generator cannot prove, with its place in the sources."""

from __future__ import annotations

import ast
import inspect
import textwrap

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
    """Where a command, or a parameter of it, is declared: file:line."""
    if command.callback is None:
        return str(getattr(command.context_settings, "place", "the declaration"))
    declared = inspect.unwrap(command.callback)
    file, line = declared.__code__.co_filename, declared.__code__.co_firstlineno
    if parameter is None:
        return f"{file}:{line}"
    lines, start = inspect.getsourcelines(declared)
    for node in ast.walk(ast.parse(textwrap.dedent("".join(lines)))):
        if isinstance(node, ast.arg) and node.arg == parameter.name:
            line = start + node.lineno - 1
    return f"{file}:{line}"
