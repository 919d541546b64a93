"""The completion script for zsh: one function per node, with descriptions, in the language of `_arguments`, and one per kind of names to ask for."""

from __future__ import annotations

import re

from cli.generator.model import Application
from cli.generator.shells import CALLS, NARROWED, Choice, Place, module, places, quoted

_RULES = r"""
# What a word stands for where the shell would leave it as it is: plain signs, or all of it in one pair of quotes. Nothing is expanded here.
_omnirelay_plain() {
    plain=$1
    case $plain in
        \'*\') plain=${plain[2,-2]}; [[ $plain != *\'* ]] ;;
        \"*\") plain=${plain[2,-2]}; [[ $plain != *[\"\$\`\\!]* ]] ;;
        *) [[ $plain != *[^][:alnum:]._:/@+=%,[-]* ]] ;;
    esac
}
# Asks the program that is being completed. Where it or its server is only known to the shell, it is not asked at all.
_omnirelay_ask() {
    local plain program=$omnirelay_program kind=$1 option home=
    shift
    local -a ask=(completion candidates ${=kind}) names
    if [[ $program == '~/'* ]]; then home=$HOME program=${program#'~'}; fi
    _omnirelay_plain "$program" || return 1
    program=$home$plain
    local -A means=(@means)
    for option in ${(k)means}; do
        if (( ${+opt_args[$option]} )) && [[ $means[$option] != --namespace || " @narrowed " == *" $kind "* ]]; then
            # _arguments puts a backslash before colons and backslashes.
            _omnirelay_plain "${opt_args[$option]//(#b)\\([:\\])/$match[1]}" || return 1
            ask+=($means[$option]=$plain)
        fi
    done
    if [[ " @narrowed " == *" $kind "* && -n $PREFIX && $PREFIX != *[^[:alnum:]._:/@+%-]* ]]; then ask+=(--typed=$PREFIX); fi
    names=("${(@f)$(command "$program" $ask 2>/dev/null </dev/null)}")
    names=(${names:#})
    (( $#names )) && compadd "$@" -a names
}
# Has a function add words behind the last comma. What stands before it stays, and is not offered again.
_omnirelay_listed() {
    local add=$1 head=${PREFIX%,*}
    local -a taken
    shift
    # Only up to the end of this function.
    compset -P '*,' && taken=("${(@b)${(@s:,:)head}}")
    $add -F taken "$@"
}
_omnirelay_words_listed() { _omnirelay_listed compadd "$@" }
"""


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    lines = ["#compdef omnirelay", "# Completion of omnirelay for zsh; printed by: omnirelay completion zsh"]
    tree = places(application)
    means = {name: "--url" for place in tree for name in place.urls} | {name: "--namespace" for place in tree for name in place.namespaces}
    rules = _RULES.replace("@means", " ".join(f"{name} {meaning}" for name, meaning in means.items()))
    lines += rules.replace("@narrowed", " ".join(NARROWED)).strip("\n").split("\n")
    asked = [option for place in tree for option in place.options if option.asks]
    for kind in sorted({option.asks for option in asked}):
        lines.append(f'_omnirelay_{kind}() {{ _omnirelay_ask {quoted(" ".join(CALLS[kind]))} "$@" }}')
    for kind in sorted({option.asks for option in asked if option.commas}):
        lines.append(f'_omnirelay_{kind}_listed() {{ _omnirelay_listed _omnirelay_{kind} "$@" }}')
    for place in tree:
        lines += _function(place)
    # Autoloaded from $fpath the file is the body of the function; read into a running shell it registers it.
    lines += ['if [[ "$funcstack[1]" == _omnirelay ]]; then', '    _omnirelay "$@"', "else", "    compdef _omnirelay omnirelay", "fi"]
    return module("zsh", lines)


def _name(path: str) -> str:
    return "_" + "__".join(re.sub(r"[^A-Za-z0-9]", "_", word) for word in path.split(" "))


def _function(place: Place) -> list[str]:
    specs = [_spec(option) for option in place.options]
    lines = [f"{_name(place.path)}() {{", "    local curcontext=$curcontext context state state_descr line", "    typeset -A opt_args"]
    if " " not in place.path:
        # Further down the words before the command are cut off.
        lines.append("    local omnirelay_program=$words[1]")
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


def _action(option: Choice) -> str:
    """What `_arguments` does for a value."""
    if option.asks:
        return f"_omnirelay_{option.asks}" + ("_listed" if option.commas else "")
    words = " ".join(option.values)
    if option.commas and words:
        return f"_omnirelay_words_listed -- {words}"
    return f"({words})" if words else " "


def _spec(option: Choice) -> str:
    """`(--url -u)'{--url=,-u+}'[help]:TEXT:( )`: alternatives that exclude one another, with help and possible values; a repeated one excludes none."""
    star = "*" if option.repeated else ""
    spelled = [star + name + ("" if not option.placeholder else "=" if name.startswith("--") else "+") for name in option.names]
    help_text = re.sub(r"([\\\]\[:])", r"\\\1", option.help)
    tail = f"[{help_text}]"
    if option.placeholder:
        message = re.sub(r"([\\:])", r"\\\1", option.placeholder)
        tail += f":{message}:{_action(option)}"
    excluded = "" if option.repeated else f"({' '.join(option.names)})"
    if len(spelled) == 1:
        return quoted(excluded + spelled[0] + tail)
    return (quoted(excluded) if excluded else "") + "{" + ",".join(spelled) + "}" + quoted(tail)
