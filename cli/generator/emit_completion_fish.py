"""The completion script for fish: a function that finds the place in the tree, and one line for each thing that may stand there."""

from __future__ import annotations

from cli.generator.model import Application
from cli.generator.shells import Place, module, places

_WALK = r"""
function __omnirelay_at --argument-names wanted
    set -l path omnirelay
    set -l skip 0
    set -l literal 0
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test $skip -eq 1
            set skip 0
            continue
        end
        set -l valued (__omnirelay_valued "$path")
        if test $literal -eq 0
            switch $word
                case --
                    set literal 1
                    continue
                case '--*'
                    contains -- $word $valued; and set skip 1
                    continue
                case '-?*'
                    set -l letters (string split '' -- (string sub -s 2 -- $word))
                    for at in (seq (count $letters))
                        if contains -- -$letters[$at] $valued
                            test $at -eq (count $letters); and set skip 1
                            break
                        end
                    end
                    continue
            end
        end
        set -l commands (__omnirelay_commands "$path")
        if contains -- $word $commands
            set path "$path $word"
            set literal 0
        else if test (count $commands) -gt 0
            return 1
        end
    end
    test "$path" = "$wanted"
end
complete -c omnirelay -f
"""


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    tree = places(application)
    lines = ["# Completion of omnirelay for fish; printed by: omnirelay completion fish"]
    lines += _table("__omnirelay_commands", {place.path: [name for name, _ in place.commands] for place in tree})
    lines += _table("__omnirelay_valued", {place.path: list(place.valued) for place in tree})
    lines += _WALK.strip("\n").split("\n")
    for place in tree:
        lines += _rules(place)
    return module("fish", lines)


def _table(function: str, rows: dict[str, list[str]]) -> list[str]:
    lines = [f"function {function} --argument-names path", '    switch "$path"']
    for path, words in rows.items():
        if words:
            lines += [f"        case {_quoted(path)}", f"            printf '%s\\n' {' '.join(words)}"]
    return [*lines, "    end", "end"]


def _rules(place: Place) -> list[str]:
    start = f"complete -c omnirelay -n {_quoted(f'__omnirelay_at {_quoted(place.path)}')}"
    lines = [f"{start} -a {name} -d {_quoted(text)}" for name, text in place.commands]
    for option in place.options:
        names = [f"-l {name[2:]}" for name in option.long] + [f"-s {name[1:]}" for name in option.short]
        values = ""
        if option.placeholder:
            values = " -x" + (f" -a {_quoted(' '.join(option.values))}" if option.values else "")
        lines.append(f"{start} {' '.join(names)}{values} -d {_quoted(option.help)}")
    return lines


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
