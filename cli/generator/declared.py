"""What can only be seen in the Typer application itself, before Typer makes Click commands of it.

Typer refuses what it does not know without a place, lets the last of two commands of one name win, and calls functions whose bodies no
generated parser runs. Here each of these is a BuildError with file, line and a way out.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any

import click
import typer
from typer.main import get_click_param, get_command_name, solve_typer_info_defaults
from typer.models import TyperInfo
from typer.utils import get_params_from_function

from cli.declaration.marks import Misdeclared
from cli.generator.model import BuildError
from cli.generator.refusing import PROGRAM, place_in

_TYPES = "use a text, an integer, a choice, a flag or a list of texts, declared once with typer.Option and a help text"


def check(declaration: typer.Typer) -> None:
    """Raises BuildError unless Typer takes the whole tree, and every name and function in it means one thing."""
    _group(TyperInfo(declaration), PROGRAM)


def _group(info: TyperInfo, path: str) -> str:
    """Checks a group; where it is, as nearly as can be told."""
    group = info.typer_instance
    assert group is not None, f"{path} has no Typer instance"
    solved = solve_typer_info_defaults(info)
    place = str(getattr(solved.context_settings, "place", "the declaration"))
    if solved.callback is not None:
        place = _function(solved.callback, path)
    found: list[tuple[str, str]] = []
    for command in group.registered_commands:
        assert command.callback is not None, f"{path} has a command without a function"
        name = command.name or get_command_name(command.callback.__name__)
        found.append((name, _function(command.callback, f"{path} {name}")))
    for child in group.registered_groups:
        name = str(solve_typer_info_defaults(child).name or "")
        found.append((name, _group(child, f"{path} {name}".strip())))
    _check_names(found, path, place)
    return place


def _check_names(found: list[tuple[str, str]], path: str, place: str) -> None:
    if not found:
        raise _refusal(place, path, "a group without commands", "give it one, or drop it")
    places: dict[str, str] = {}
    for name, where in found:
        if not name:
            raise _refusal(where, path, "a group without a name", "pass name= to add_typer")
        if name in places:
            raise _refusal(where, path, f"a second command called {name!r} (the first: {places[name]})", "rename one")
        places[name] = where


def _function(function: Callable[..., Any], path: str) -> str:
    """Checks a declared function, and each parameter by itself; where it is declared."""
    declared = inspect.unwrap(function)
    if not isinstance(declared, FunctionType) or declared.__name__ == "<lambda>":
        code = getattr(declared, "__code__", None) or getattr(type(declared).__call__, "__code__", None)
        place = f"{code.co_filename}:{code.co_firstlineno}" if code is not None else "the declaration"
        raise _refusal(place, path, f"{type(declared).__name__} in the place of a function with a name", "declare it with def")
    if _does_something(declared):
        raise _refusal(place_in(declared), path, "a function that does something", "leave nothing but its docstring; the command function does the work")
    try:
        parameters = get_params_from_function(function)
    except Misdeclared as fault:
        raise BuildError(f"{place_in(declared)}: {path}: {fault}") from None
    # Typer, typing and Click raise whatever they like about a declaration, and all of it means that it cannot be read.
    except Exception as fault:
        raise _refusal(place_in(declared), path, f"what Typer does not read ({type(fault).__name__}: {fault})", _TYPES) from None
    for name, parameter in parameters.items():
        subject = f"{path}, parameter {name!r}"
        if isinstance(parameter.annotation, type) and issubclass(parameter.annotation, click.Context):
            raise _refusal(place_in(declared, name), subject, "a parameter for Click's context", "drop it: the command function gets a Session")
        try:
            get_click_param(parameter)
        except Exception as fault:  # as above
            raise _refusal(place_in(declared, name), subject, f"what Typer does not take ({type(fault).__name__}: {fault})", _TYPES) from None
    return place_in(declared)


def _does_something(function: FunctionType) -> bool:
    lines, _ = inspect.getsourcelines(function)
    for node in ast.walk(ast.parse(textwrap.dedent("".join(lines)))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function.__name__:
            idle = all(isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)) for line in node.body)
            return isinstance(node, ast.AsyncFunctionDef) or not idle
    return False


def _refusal(place: str, subject: str, what: str, way_out: str) -> BuildError:
    return BuildError(f"{place}: {subject}: the generator cannot prove {what}; {way_out}")
