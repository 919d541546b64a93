"""Reads the declaration, as Typer turns it into Click commands, into the command model.

Only what the generated parser reproduces exactly is let through. Anything else is a BuildError, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click
import typer.core
import typer.main
from click._utils import UNSET
from click.parser import _OptionParser  # the very tables that Click matches options with
from typer._types import TyperChoice  # what Typer makes of an enumeration

from cli.declaration.application import app
from cli.declaration.marks import ACTIONS, VERBS, plain
from cli.generator import candidates, declared, pages, positionals, texts
from cli.generator.model import Application, Command, Option, Type, Work
from cli.generator.refusing import PROGRAM, place_of, refusal

_LONGEST_NAME = 64
_TYPES: dict[type[click.ParamType], Type] = {click.types.StringParamType: "text", click.types.IntParamType: "integer"}
"""The types of values besides choices, which are texts."""


def read_application(declaration: typer.Typer = app) -> Application:
    """The model of a Typer application; its help pages are proven against Click at every width."""
    declared.check(declaration)
    root = typer.main.get_command(declaration)
    if not isinstance(root, click.Group):
        raise refusal(root, None, "a program of one verb", "give it a second verb, or the program a function (@app.callback())")
    found: list[tuple[click.Command, click.Context, Command]] = []
    _read(root, PROGRAM, None, found)
    _check_paths(found)
    for command, context, model in found:
        pages.prove(command, context, model)
    return Application(tuple(model for _, _, model in found))


def _read(command: click.Command, name: str, parent: click.Context | None, found: list[tuple[click.Command, click.Context, Command]]) -> None:
    context = command.context_class(command, info_name=name, parent=parent, **command.context_settings)
    _check_command(command, context)
    _check_parameters(command, context)
    parameters = command.get_params(context)
    options = tuple(_option(command, parameter, context) for parameter in parameters)
    parser = command.make_parser(context)
    children: tuple[tuple[str, click.Command], ...] = ()
    if isinstance(command, click.Group):
        children = tuple((child, command.commands[child]) for child in command.list_commands(context))
    model = Command(
        path=context.command_path,
        summary=pages.summary(command),
        usage=pages.usage_pieces(command, context),
        options=options,
        long=_positions(parser._long_opt, options),
        short=_positions(parser._short_opt, options),
        commands=tuple(child for child, _ in children),
        page=pages.page_rows(command, context),
        work=None if children else _work(command),
        place=place_of(command),
    )
    texts.check(command, parameters, model)
    _check_names(command, parser, model)
    found.append((command, context, model))
    for child_name, child in children:
        _read(child, child_name, context, found)


def _positions(table: dict[str, Any], options: tuple[Option, ...]) -> tuple[tuple[str, int], ...]:
    by_name = {option.name: position for position, option in enumerate(options)}
    return tuple(sorted((text, by_name[entry.dest]) for text, entry in table.items()))


def _check_paths(found: list[tuple[click.Command, click.Context, Command]]) -> None:
    """Files and functions of scripts are named after paths, and neither knows all signs, nor does every file system mind the case."""
    paths: dict[str, str] = {}
    for command, _, model in found:
        folded = re.sub(r"[^A-Za-z0-9]", "-", model.path).casefold()
        if folded in paths:
            raise refusal(command, None, f"{model.path!r} beside {paths[folded]!r}, because what is generated for both would have one name", "rename one")
        paths[folded] = model.path


def _check_parameters(command: click.Command, context: click.Context) -> None:
    """Each name must mean one parameter: that of the function, which Click keeps values under, and those on the command line."""
    help_option = command.get_help_option(context)
    if help_option is None or "--help" not in help_option.opts:
        raise refusal(command, None, "an option called --help", "rename it")
    parameters = [*command.params, help_option]
    options = [one for one in parameters if isinstance(one, click.Option)]
    for names in ([str(one.name) for one in parameters], [name for one in options for name in one.opts]):
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise refusal(command, None, f"two parameters called {double}", "rename one")


def _check_names(command: click.Command, parser: _OptionParser, model: Command) -> None:
    if parser._opt_prefixes - {"-", "--"}:
        raise refusal(command, None, "an option that does not start with - or --", "rename the option")
    for name in [text for text, _ in model.long] + list(model.commands):
        if len(name) > _LONGEST_NAME:
            raise refusal(command, None, f"the name {name!r} of more than {_LONGEST_NAME} characters", "shorten it")


def _check_command(command: click.Command, context: click.Context) -> None:
    """Refuses settings of a command that change how words are read or what is printed."""
    is_group = isinstance(command, click.Group)
    allowed = (typer.core.TyperGroup,) if is_group else (typer.core.TyperCommand,)
    if type(command) not in allowed:
        raise refusal(command, None, f"a command class of its own ({type(command).__name__})", "drop cls=")
    facts = {
        "deprecated": command.deprecated,
        "an epilog": command.epilog,
        "hidden": command.hidden,
        "no help option": not command.add_help_option,
        "allow_extra_args": context.allow_extra_args and not is_group,
        "ignore_unknown_options": context.ignore_unknown_options,
        "allow_interspersed_args changed": context.allow_interspersed_args is is_group,
        "token_normalize_func": context.token_normalize_func,
        "auto_envvar_prefix": context.auto_envvar_prefix,
        "default_map": context.default_map,
        "help options other than --help and -h": context.help_option_names != ["--help", "-h"],
        "rich texts": getattr(command, "rich_markup_mode", None) is not None,
        "no_args_is_help changed": command.no_args_is_help is not is_group,
        "a name with blanks": " " in (context.info_name or ""),
    }
    facts |= {f"the context setting {name!r}": name != "help_option_names" for name in command.context_settings}
    if isinstance(command, click.Group):
        facts["chain"] = command.chain
        facts["invoke_without_command"] = command.invoke_without_command
        facts["a result callback"] = command._result_callback
        facts["suggestions switched off"] = not getattr(command, "suggest_commands", True)
    for what, given in facts.items():
        if given:
            raise refusal(command, None, what, "leave it out, or teach cli/generator/reading.py and omnirelay/grammar.py")


def _option(command: click.Command, parameter: click.Parameter, context: click.Context) -> Option:
    if parameter is command.get_help_option(context):
        return Option("help", "action", tuple(sorted(parameter.opts)), "help", "", (), help=_help(command, parameter))
    if type(parameter) is typer.core.TyperArgument:
        return positionals.words(command, parameter, context)
    if type(parameter) is not typer.core.TyperOption:
        raise refusal(command, parameter, f"the parameter class {type(parameter).__name__}", "declare it with typer.Option")
    _check_option(command, parameter)
    name, names, hint = str(parameter.name), tuple(parameter.opts), parameter.get_error_hint(context)
    text = _help(command, parameter)
    if parameter.callback is not None:
        if context.parent is not None:
            raise refusal(command, parameter, "an action anywhere but at the program itself", "declare it there, or make it a verb")
        return Option(name, "action", names, _action(command, parameter), hint, (), help=text)
    if isinstance(command, click.Group):
        raise refusal(command, parameter, "an option of a group that is not an action", "declare it at each verb")
    if parameter.is_flag:
        if parameter.default is not False:
            raise refusal(command, parameter, f"a flag whose default is {parameter.default!r}", "use False")
        return Option(name, "flag", names, False, hint, (), help=text)
    return _value(command, parameter, context, text)


def _value(command: click.Command, option: typer.core.TyperOption, context: click.Context, text: str) -> Option:
    """An option that takes a value."""
    choices: tuple[str, ...] = ()
    if isinstance(option.type, click.Choice):
        choices = tuple(str(plain(choice)) for choice in option.type.choices)
        if not all(choice.isascii() for choice in choices):
            raise refusal(command, option, "a choice with letters beyond ASCII", "rename it")
    metavar = option.make_metavar(context)
    if not metavar.strip() or not metavar.isascii():
        raise refusal(command, option, f"the metavar {metavar!r}", "use printable ASCII, or drop it")
    taken = candidates.candidates(command, option)
    return Option(
        name=str(option.name),
        kind="value",
        names=tuple(option.opts),
        default=_default(command, option, context, choices),
        hint=option.get_error_hint(context),
        choices=choices,
        offered=taken.words or _offered(command, option, choices, metavar),
        metavar=metavar,
        help=text,
        type=_TYPES.get(type(option.type), "text"),
        repeated=option.multiple,
        completes=taken.names or "",
        commas=taken.commas,
    )


def _default(command: click.Command, option: typer.core.TyperOption, context: click.Context, choices: tuple[str, ...]) -> str | None:
    default = plain(option.get_default(context, call=False))
    if option.multiple:
        if default != ():
            raise refusal(command, option, f"the default {default!r} of a repeated option", "use options.NONE_GIVEN")
        return None
    if default is UNSET or default is None:
        return None
    if type(option.type) is click.types.IntParamType:
        raise refusal(command, option, f"the default {default!r} of an integer", "use None, and let the command function decide")
    if type(default) is not str or (choices and default not in choices):
        raise refusal(command, option, f"the default {default!r}", "use a text, one of the choices, or None")
    return default


def _offered(command: click.Command, option: click.Parameter, choices: tuple[str, ...], metavar: str) -> tuple[str, ...]:
    """The choices that the metavar names: what help shows is what completion offers."""
    if not choices:
        return ()
    shown = tuple(metavar[1:-1].split("|")) if metavar.startswith("[") and metavar.endswith("]") else ()
    if not shown or not set(shown) <= set(choices):
        raise refusal(command, option, f"the metavar {metavar!r} of a choice", "name some of the choices as [a|b], or drop it")
    return shown


def _help(command: click.Command, parameter: click.Parameter) -> str:
    text = getattr(parameter, "help", None)
    if not isinstance(text, str) or not text.strip():
        raise refusal(command, parameter, "a parameter without help", "pass help=")
    return " ".join(text.split())


def _check_option(command: click.Command, option: typer.core.TyperOption) -> None:
    kind = type(option.type)
    known = kind in _TYPES or (kind is click.types.BoolParamType and option.is_flag)
    if isinstance(option.type, click.Choice):
        if kind is not TyperChoice or option.type.case_sensitive:
            raise refusal(command, option, "a choice that minds the case", "pass case_sensitive=False")
        folded = [str(plain(choice)).casefold() for choice in option.type.choices]
        known = len(set(folded)) == len(folded) and len(folded) > 1
    facts = {
        f"the type {option.type!r}": not known,
        "a dynamic default": callable(option.default),
        "a fixed number of values": option.nargs != 1,
        "repeated values that are no texts": option.multiple and kind is not click.types.StringParamType,
        "count": option.count,
        "an environment variable": option.envvar,
        "a prompt": option.prompt,
        "required": option.required,
        "hidden": option.hidden,
        "a flag with an opposite": option.secondary_opts,
        "a flag value": option.is_flag and option.flag_value is not True,
        "an optional value": option._flag_needs_value,
        "deprecated": option.deprecated,
        "not exposed": not option.expose_value,
        "eager without an action": option.is_eager and option.callback is None,
        "an action that is not an eager flag": option.callback and not (option.is_eager and option.is_flag),
    }
    for what, given in facts.items():
        if given:
            raise refusal(command, option, what, "use a text, an integer, a choice, a flag or a list of texts, or teach cli/generator/reading.py")


def _action(command: click.Command, option: typer.core.TyperOption) -> str:
    action = ACTIONS.get(_unwrapped(option.callback))
    if action is None:
        raise refusal(command, option, "a callback", "use marks.prints, or check the value in the command function")
    return action


def _work(command: click.Command) -> Work:
    mark = VERBS.get(_unwrapped(command.callback))
    if mark is None:
        raise refusal(command, None, "a function without a mark", "add @verb(...) of cli.declaration.marks")
    return Work(mark.function, mark.gear)


def _unwrapped(callback: Callable[..., Any] | None) -> Any:
    """What was declared, without the wrapper that Typer puts around it."""
    return getattr(callback, "__wrapped__", callback)
