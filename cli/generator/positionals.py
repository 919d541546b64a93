"""The one positional construct that is proven: the loose words of a verb, as `list[str] | None` without a default."""

from __future__ import annotations

import click
import typer.core
from click._utils import UNSET

from cli.generator.model import Option
from cli.generator.refusing import refusal


def words(command: click.Command, argument: typer.core.TyperArgument, context: click.Context) -> Option:
    """The parameter that takes all loose words, or a refusal."""
    others = [parameter for parameter in command.params if isinstance(parameter, click.Argument) and parameter is not argument]
    facts = {
        "a positional argument of a group": isinstance(command, click.Group),
        "a positional argument that takes one word": argument.nargs == 1,
        "a positional argument that takes a fixed number of words": argument.nargs > 1,
        "a second positional argument": others,
        f"the type {argument.type!r}": type(argument.type) is not click.types.StringParamType,
        "required": argument.required,
        "a dynamic default": callable(argument.default),
        f"the default {argument.default!r}": argument.default is not None and argument.default is not UNSET,
        "a default in its help": argument.show_default is not True,
        "an environment variable": argument.envvar,
        "a metavar": argument.metavar,
        "hidden": argument.hidden,
        "deprecated": argument.deprecated,
        "a callback": argument.callback,
        "not exposed": not argument.expose_value,
        "eager": argument.is_eager,
        "candidates of completion": argument._custom_shell_complete,
        "help that is missing": not argument.help,
    }
    for what, given in facts.items():
        if given:
            raise refusal(command, argument, what, "use one `list[str] | None = None` with typer.Argument(help=...), or options")
    name = str(argument.name)
    metavar = argument.make_metavar(context)
    return Option(name, "words", (name.upper(),), None, argument.get_error_hint(context), (), metavar=metavar, help=str(argument.help))
