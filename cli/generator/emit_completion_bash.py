"""The completion script for bash 3.2 and newer: no library, no file names, and no process but the program itself where names are asked for."""

from __future__ import annotations

from cli.generator.model import Application
from cli.generator.shells import CALLS, NARROWED, Place, module, places, quoted

# Bash hands a line over cut at COMP_WORDBREAKS, which splits `--format=json` and `http://host:80`. The pieces that touch
# on the line are put together again. Then the words are walked as the program would, without looking at the values, but for those that
# say where names are asked for. The word under the cursor may begin with a quote that is still open; bash closes it when a word is inserted.
_RULES = r"""
# What a word stands for where the shell would leave it as it is: plain signs, or all of it in one pair of quotes. Nothing is expanded here.
_omnirelay_plain() {
    plain=$1
    case $plain in
        \'*\') plain=${plain:1:${#plain}-2}; [[ $plain != *\'* ]] ;;
        \"*\") plain=${plain:1:${#plain}-2}; [[ $plain != *[\"\$\`\\!]* ]] ;;
        *) [[ $plain != *[!][:alnum:]._:/@+=%,[-]* ]] ;;
    esac
}
# A word before the cursor is the value of an option.
_omnirelay_given() {
    if [[ " $urls " == *" $1 "* ]]; then
        url=$2
    elif [[ " $namespaces " == *" $1 "* ]]; then
        namespace=$2
    fi
}
# Asks the program that is being completed. Where it or its server is only known to the shell, it is not asked at all.
_omnirelay_ask() {
    local plain program=$1 options=() home=
    if [[ $program == '~/'* ]]; then home=${HOME-} program=${program#'~'}; fi
    _omnirelay_plain "$program" || return
    program=$home$plain
    if [[ -n ${url+given} ]]; then
        _omnirelay_plain "$url" || return
        options[0]=--url=$plain
    fi
    if [[ -n ${namespace+given} && " @narrowed " == *" $asks "* ]]; then
        _omnirelay_plain "$namespace" || return
        options[1]=--namespace=$plain
    fi
    command "$program" completion candidates $asks ${options[@]+"${options[@]}"} --prefix="$2" 2>/dev/null </dev/null
}
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
    local path=omnirelay expects= literal= commands options valued urls namespaces values asks= commas=
    local url namespace
    _omnirelay_at "$path"
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if [[ -n $expects ]]; then
            _omnirelay_given "$expects" "$word"
            expects=
        elif [[ -z $literal && $word == -- ]]; then
            literal=1
        elif [[ -z $literal && $word == --* ]]; then
            if [[ $word == *=* ]]; then
                _omnirelay_given "${word%%=*}" "${word#*=}"
            elif [[ " $valued " == *" $word "* ]]; then
                expects=$word
            fi
        elif [[ -z $literal && $word == -?* ]]; then
            for ((j = 1; j < ${#word}; j++)); do
                if [[ " $valued " == *" -${word:j:1} "* ]]; then
                    if ((j == ${#word} - 1)); then expects=-${word:j:1}; else _omnirelay_given "-${word:j:1}" "${word:j+1}"; fi
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
    # Readline replaces what it calls the word, which begins behind the last of its break characters, behind a quote that is open, or with an @:
    # `kept` is what stays. `word` is what is completed, without that quote and without what stands before the last comma of a list.
    local whole=${words[last]} kept prefix taken= candidates=
    kept=${whole%"${2-}"}
    word=${whole#[\"\']}
    if [[ -n $expects ]]; then
        _omnirelay_values "$path" "$expects"
        candidates=$values
    elif [[ -z $literal && $word == --*=* ]]; then
        _omnirelay_values "$path" "${word%%=*}"
        candidates=$values
        word=${word#*=}
        word=${word#[\"\']}
    elif [[ -z $literal && $word == -* ]]; then
        candidates=$options
    else
        candidates=$commands
    fi
    if [[ -n $commas && $word == *,* ]]; then taken=,${word%,*}, word=${word##*,}; fi
    prefix=${whole%"$word"}
    for piece in $candidates; do
        if [[ $piece == "$word"* && $taken != *",$piece,"* ]]; then
            piece=$prefix$piece
            COMPREPLY[${#COMPREPLY[@]}]=${piece#"$kept"}
        fi
    done
    if [[ -z $asks ]]; then return; fi
    while IFS= read -r piece; do
        # Bash inserts what it is given as it is, so nothing else than plain words is.
        if [[ $piece == "$word"* && $taken != *",$piece,"* && $piece == [[:alnum:]_]* && $piece != *[![:alnum:]._:/@+%-]* ]]; then
            piece=$prefix$piece
            COMPREPLY[${#COMPREPLY[@]}]=${piece#"$kept"}
        fi
    done < <(_omnirelay_ask "${words[0]}" "$word")
}
complete -F _omnirelay omnirelay
"""


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    tree = places(application)
    lines = ["# Completion of omnirelay for bash; printed by: omnirelay completion bash", "_omnirelay_at() {", "    case $1 in"]
    for place in tree:
        facts = (
            ("commands", [name for name, _ in place.commands]),
            ("options", place.names),
            ("valued", place.valued),
            ("urls", place.urls),
            ("namespaces", place.namespaces),
        )
        lines.append(f"    {quoted(place.path)}) " + " ".join(f"{name}={quoted(' '.join(words))}" for name, words in facts) + " ;;")
    lines += ["    esac", "}", "_omnirelay_values() {", "    values= asks= commas=", "    case $1:$2 in"]
    for place in tree:
        lines += _values(place)
    lines += ["    esac", "}"]
    rules = _RULES.replace("@narrowed", " ".join(NARROWED))
    return module("bash", lines + rules.strip("\n").split("\n"))


def _values(place: Place) -> list[str]:
    found = []
    for option in place.options:
        patterns = " | ".join(quoted(f"{place.path}:{name}") for name in option.names)
        commas = " commas=1" if option.commas else ""
        if option.asks:
            found.append(f"    {patterns}) asks={quoted(' '.join(CALLS[option.asks]))}{commas} ;;")
        elif option.values:
            found.append(f"    {patterns}) values={quoted(' '.join(option.values))}{commas} ;;")
    return found
