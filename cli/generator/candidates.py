"""What completion offers for the value of an option: read from Typer's own `autocompletion=`, of which only the marks of this project are proven."""

from __future__ import annotations

import inspect
import typing

import click
import typer.core
from typer.models import OptionInfo

from cli.declaration.marks import CANDIDATES, Candidates
from cli.generator.refusing import refusal

_WAY_OUT = "use autocompletion=marks.names_of(...) or marks.offers(...)"


def candidates(command: click.Command, option: typer.core.TyperOption) -> Candidates:
    """Those that are declared, if any are, or a refusal."""
    if option._custom_shell_complete is None:
        return Candidates()
    found = CANDIDATES.get(_declared(command, str(option.name)))
    if found is None:
        raise refusal(command, option, "a completion of its own", _WAY_OUT)
    if isinstance(option.type, click.Choice):
        raise refusal(command, option, "other candidates than the choices", "drop autocompletion=")
    return found


def _declared(command: click.Command, name: str) -> typing.Any:
    """What was written as `autocompletion=`: Click only has the functions that Typer wrapped around it."""
    function = inspect.unwrap(command.callback) if command.callback is not None else None
    hints = typing.get_type_hints(function, include_extras=True) if function is not None else {}
    for extra in getattr(hints.get(name), "__metadata__", ()):
        if isinstance(extra, OptionInfo):
            return extra.autocompletion
    return None
