"""The completion script for fish: a function that finds the place in the tree, and one line for each thing that may stand there."""

from __future__ import annotations

from cli.generator.model import Application
from cli.generator.shells import CALLS, NARROWED, Place, module, places

_WALK = r"""
# Where the words before the cursor lead: the program, the path of commands, then what was given for options whose values are known, as NAME and VALUE.
function __omnirelay_walk
    set -l path omnirelay
    set -l expects
    set -l literal 0
    set -l given
    set -l words (commandline -opc)
    for word in $words[2..-1]
        # The answer is read line by line; such a word is no name and no server.
        string match -qr '\n' -- $word; and set word '*'
        if test -n "$expects"
            set -a given $expects "$word"
            set expects
            continue
        end
        set -l valued (__omnirelay_valued "$path")
        if test $literal -eq 0
            switch $word
                case --
                    set literal 1
                    continue
                case '--*=*'
                    set -a given (string split -m 1 = -- $word)
                    continue
                case '--*'
                    contains -- $word $valued; and set expects $word
                    continue
                case '-?*'
                    set -l letters (string split '' -- (string sub -s 2 -- $word))
                    for at in (seq (count $letters))
                        if contains -- -$letters[$at] $valued
                            if test $at -eq (count $letters)
                                set expects -$letters[$at]
                            else
                                set -a given -$letters[$at] (string sub -s (math $at + 2) -- $word)
                            end
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
            set given
        else if test (count $commands) -gt 0
            return 1
        end
    end
    printf '%s\n' "$words[1]" "$path" $given
end
function __omnirelay_at --argument-names wanted
    set -l found (__omnirelay_walk)
    test "$found[2]" = "$wanted"
end
# Asks the program that is being completed. Where it or its server is only known to the shell, it is not asked at all.
function __omnirelay_ask
    set -l plain '^[\p{L}\p{N}._:/@+=%,\[\] -]+$'
    set -l found (__omnirelay_walk)
    set -l program (string replace -r '^~/' / -- $found[1])
    string match -qr -- $plain $program; or return
    string match -q '~/*' -- $found[1]; and set program "$HOME$program"
    set -l url
    set -l namespace
    set -l rest $found[3..-1]
    while test (count $rest) -gt 1
        contains -- $rest[1] @urls; and set url --url=$rest[2]
        contains -- $rest[1] @namespaces; and contains -- $argv[1] @narrowed; and set namespace --namespace=$rest[2]
        set -e rest[1..2]
    end
    for option in $url $namespace
        string match -qr -- $plain $option; or return
    end
    set -l typed
    if contains -- $argv[1] @narrowed
        set -l word (__omnirelay_typed)
        string match -qr -- '^[\p{L}\p{N}._:/@+%-]+$' "$word"; and set typed --typed=$word
    end
    command $program completion candidates $argv $url $namespace $typed 2>/dev/null </dev/null
end
# The value under the cursor: without `--option=` and without a quote that is open.
function __omnirelay_typed
    string replace -r '^(?:--[^=]*=)?["\']?' '' -- (commandline -ct)
end
# What stands before the last comma of the value stays, and is not offered again.
function __omnirelay_listed
    set -l head (string match -r '^.*,' -- (__omnirelay_typed))
    if test (count $head) -ne 1
        printf '%s\n' $argv
        return
    end
    set -l taken (string split , -- $head)
    for word in $argv
        contains -- $word $taken; or echo "$head$word"
    end
end
complete -c omnirelay -f
"""


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    tree = places(application)
    lines = ["# Completion of omnirelay for fish; printed by: omnirelay completion fish"]
    lines += _table("__omnirelay_commands", {place.path: [name for name, _ in place.commands] for place in tree})
    lines += _table("__omnirelay_valued", {place.path: list(place.valued) for place in tree})
    # Options of one name mean the same everywhere, so one list for all places will do.
    urls = {name for place in tree for name in place.urls}
    namespaces = {name for place in tree for name in place.namespaces}
    rules = _WALK
    for word, names in (("@urls", urls), ("@namespaces", namespaces), ("@narrowed", NARROWED)):
        rules = rules.replace(word, " ".join(sorted(names)))
    lines += rules.strip("\n").split("\n")
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
            offered = f"(__omnirelay_ask {' '.join(CALLS[option.asks])})" if option.asks else " ".join(option.values)
            if offered and option.commas:
                offered = f"(__omnirelay_listed {offered})"
            values = " -x" + (f" -a {_quoted(offered)}" if offered else "")
        lines.append(f"{start} {' '.join(names)}{values} -d {_quoted(option.help)}")
    return lines


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
