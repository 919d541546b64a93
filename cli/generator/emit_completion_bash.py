"""The completion script for bash 3.2 and newer: no sub-process, no library, no file names."""

from __future__ import annotations

from cli.generator.model import Application
from cli.generator.shells import Place, module, places, quoted

# Bash hands a line over cut at COMP_WORDBREAKS, which splits `--format=json` and `http://host:80`. The pieces that touch
# on the line are put together again. Then the words are walked as the program would, without looking at the values.
_RULES = r"""
_omnirelay() {
    local IFS=$' \t\n'
    local line=${COMP_LINE:0:COMP_POINT} rest piece word i j
    local words=() count=0 last=-1
    COMPREPLY=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        rest=${line#"${line%%[![:blank:]]*}"}
        if ((i == COMP_CWORD)) && [[ $piece == "$rest"* ]]; then piece=$rest; fi
        if ((count)) && [[ $rest == "$line" ]]; then words[last]+=$piece; else words[count]=$piece; last=$count; count=$((count + 1)); fi
        line=${rest#"$piece"}
    done
    local path=omnirelay expects= literal= commands options valued values
    _omnirelay_at "$path"
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if [[ -n $expects ]]; then
            expects=
        elif [[ -z $literal && $word == -- ]]; then
            literal=1
        elif [[ -z $literal && $word == --* ]]; then
            if [[ " $valued " == *" $word "* ]]; then expects=$word; fi
        elif [[ -z $literal && $word == -?* ]]; then
            for ((j = 1; j < ${#word}; j++)); do
                if [[ " $valued " == *" -${word:j:1} "* ]]; then
                    if ((j == ${#word} - 1)); then expects=-${word:j:1}; fi
                    break
                fi
            done
        elif [[ " $commands " == *" $word "* ]]; then
            path="$path $word" literal=
            _omnirelay_at "$path"
        elif [[ -n $commands ]]; then
            return
        fi
    done
    word=${words[last]}
    local prefix= candidates=
    if [[ -n $expects ]]; then
        _omnirelay_values "$path" "$expects"
        candidates=$values
    elif [[ -z $literal && $word == --*=* ]]; then
        _omnirelay_values "$path" "${word%%=*}"
        candidates=$values
        # Readline replaces only what is behind the last of its break characters.
        if [[ $COMP_WORDBREAKS != *=* ]]; then prefix="${word%%=*}="; fi
        word=${word#*=}
    elif [[ -z $literal && $word == -* ]]; then
        candidates=$options
    else
        candidates=$commands
    fi
    for piece in $candidates; do
        if [[ $piece == "$word"* ]]; then COMPREPLY[${#COMPREPLY[@]}]=$prefix$piece; fi
    done
}
complete -F _omnirelay omnirelay
"""


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    tree = places(application)
    lines = ["# Completion of omnirelay for bash; printed by: omnirelay completion bash", "_omnirelay_at() {", "    case $1 in"]
    for place in tree:
        facts = (("commands", [name for name, _ in place.commands]), ("options", list(place.names)), ("valued", list(place.valued)))
        lines.append(f"    {quoted(place.path)}) " + " ".join(f"{name}={quoted(' '.join(words))}" for name, words in facts) + " ;;")
    lines += ["    esac", "}", "_omnirelay_values() {", "    case $1:$2 in"]
    for place in tree:
        lines += _values(place)
    lines += ["    *) values= ;;", "    esac", "}"]
    return module("bash", lines + _RULES.strip("\n").split("\n"))


def _values(place: Place) -> list[str]:
    found = []
    for option in place.options:
        if option.values:
            patterns = " | ".join(quoted(f"{place.path}:{name}") for name in option.names)
            found.append(f"    {patterns}) values={quoted(' '.join(option.values))} ;;")
    return found
