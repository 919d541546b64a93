"""The completion script for zsh: one function per node, with descriptions, in the language of `_arguments`."""

from __future__ import annotations

import re

from cli.generator.model import Application
from cli.generator.shells import Choice, Place, module, places, quoted


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    lines = ["#compdef omnirelay", "# Completion of omnirelay for zsh; printed by: omnirelay completion zsh"]
    for place in places(application):
        lines += _function(place)
    # Autoloaded from $fpath the file is the body of the function; read into a running shell it registers it.
    lines += ['if [[ "$funcstack[1]" == _omnirelay ]]; then', '    _omnirelay "$@"', "else", "    compdef _omnirelay omnirelay", "fi"]
    return module("zsh", lines)


def _name(path: str) -> str:
    return "_" + "__".join(re.sub(r"[^A-Za-z0-9]", "_", word) for word in path.split(" "))


def _function(place: Place) -> list[str]:
    specs = [_spec(option) for option in place.options]
    lines = [f"{_name(place.path)}() {{", "    local curcontext=$curcontext context state state_descr line", "    typeset -A opt_args"]
    if place.commands:
        specs += ["'1: :->command'", "'*:: :->rest'"]
    # -s: letters may be put together; -S: nothing is an option behind `--`.
    lines.append(f"    _arguments -s -S{' -C' if place.commands else ''} \\")
    lines += [f"        {spec} \\" for spec in specs[:-1]] + [f"        {specs[-1]}"]
    if place.commands:
        lines += ["    case $state in", "    command)", "        local -a commands=("]
        lines += ["            " + quoted(name + ":" + text.replace("\\", "\\\\").replace(":", "\\:")) for name, text in place.commands]
        lines += ["        )", "        _describe -t commands command commands ;;", "    rest)", "        case $line[1] in"]
        lines += [f"        {name}) {_name(f'{place.path} {name}')} ;;" for name, _ in place.commands]
        lines += ["        esac ;;", "    esac"]
    return [*lines, "}"]


def _spec(option: Choice) -> str:
    """`(--url -u)'{--url=,-u+}'[help]:TEXT:( )`: alternatives that exclude one another, with help and possible values."""
    spelled = [name + ("" if not option.placeholder else "=" if name.startswith("--") else "+") for name in option.names]
    help_text = re.sub(r"([\\\]\[:])", r"\\\1", option.help)
    tail = f"[{help_text}]"
    if option.placeholder:
        message = re.sub(r"([\\:])", r"\\\1", option.placeholder)
        tail += f":{message}:" + (f"({' '.join(option.values)})" if option.values else " ")
    excluded = f"({' '.join(option.names)})"
    if len(spelled) == 1:
        return quoted(excluded + spelled[0] + tail)
    return quoted(excluded) + "{" + ",".join(spelled) + "}" + quoted(tail)
