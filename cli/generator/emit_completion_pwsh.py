"""The completion script for PowerShell 5.1 and newer: a native argument completer over tables."""

from __future__ import annotations

from cli.generator.model import Application, BuildError
from cli.generator.shells import CALLS, NARROWED, Choice, Place, module, places

_RULES = r"""
    # What a word stands for where the shell would leave it as it is: plain signs, or all of it in one pair of single quotes; else nothing.
    $plain = {
        param($text)
        if ($text -cmatch '^''([^'']*)''$') { return $Matches[1] }
        if ($text -cmatch '^[\p{L}\p{N}._:/\\+=%~][\p{L}\p{N}._:/\\@+=%~-]*$') { return $text }
    }
    # Asks the program that is being completed. Where it or its server is only known to the shell, it is not asked at all.
    $ask = {
        param($kind, $program, $given, $prefix)
        $typed = & $plain $program
        if (-not $typed) { return }
        $found = Get-Command -Name $typed -CommandType Application -TotalCount 1 -ErrorAction Ignore
        if (-not $found) { return }
        $words = @('completion', 'candidates') + $asks[$kind]
        foreach ($option in $given.Keys) {
            if ($option -ceq '--namespace' -and $narrowed -cnotcontains $kind) { continue }
            $value = & $plain $given[$option]
            if (-not $value) { return }
            $words += "$option=$value"
        }
        & $found.Source $words "--prefix=$prefix" 2>$null
    }
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    $path = 'omnirelay'
    $expects = ''
    $literal = $false
    $given = @{}
    foreach ($word in ($words | Select-Object -Skip 1)) {
        $node = $tree[$path]
        if ($expects) {
            if ($node.Means[$expects]) { $given[$node.Means[$expects]] = $word }
            $expects = ''
            continue
        }
        if (-not $literal) {
            if ($word -ceq '--') { $literal = $true; continue }
            if ($word -clike '--*=*') {
                $name, $value = $word -split '=', 2
                if ($node.Means[$name]) { $given[$node.Means[$name]] = $value }
                continue
            }
            if ($word -clike '--*') {
                if ($node.Valued -ccontains $word) { $expects = $word }
                continue
            }
            if ($word -clike '-?*') {
                for ($at = 1; $at -lt $word.Length; $at++) {
                    $name = "-$($word[$at])"
                    if ($node.Valued -ccontains $name) {
                        if ($at -eq $word.Length - 1) {
                            $expects = $name
                        } elseif ($node.Means[$name]) {
                            $given[$node.Means[$name]] = $word.Substring($at + 1)
                        }
                        break
                    }
                }
                continue
            }
        }
        if ($node.Commands.Keys -ccontains $word) { $path = "$path $word"; $literal = $false; continue }
        if ($node.Commands.Count) { return }
    }
    $node = $tree[$path]
    $found = @()
    $name = ''
    $start = ''
    $quote = ''
    $typed = $wordToComplete
    if ($typed -cmatch '^[''"]') { $quote = $Matches[0]; $typed = $typed.Substring(1) }
    if ($expects) {
        $name = $expects
    } elseif (-not $literal -and $typed -clike '--*=*') {
        $name = $typed.Substring(0, $typed.IndexOf('='))
        $start = "$name="
    } elseif (-not $literal -and $typed -clike '-*') {
        $found = @($node.Options.GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value, 'ParameterName') })
    } else {
        $found = @($node.Commands.GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value, 'Command') })
    }
    # What stands before the last comma of a list stays, and is not offered again.
    $taken = @()
    if ($node.Listed -ccontains $name) {
        $last = $typed.LastIndexOf(',')
        if ($last -ge $start.Length) {
            $taken = @($typed.Substring($start.Length, $last - $start.Length) -split ',')
            $start = $typed.Substring(0, $last + 1)
        }
    }
    if ($name -and $node.Asks[$name]) {
        $prefix = $typed.Substring($start.Length)
        $found = @(& $ask $node.Asks[$name] $words[0] $given $prefix | ForEach-Object { , @("$start$_", $_, 'ParameterValue') })
    } elseif ($name) {
        $found = @($node.Choices[$name] | ForEach-Object { , @("$start$_", $_, 'ParameterValue') })
    }
    $found = @($found | Where-Object { $_ -and $_[1] -and $_[0].StartsWith($typed, [StringComparison]::Ordinal) -and $taken -cnotcontains $_[1] })
    $found | ForEach-Object { [System.Management.Automation.CompletionResult]::new("$quote$($_[0])$quote", $_[0], $_[2], $_[1]) }
}
"""


def emit(application: Application) -> dict[str, str]:
    """The script, as a module."""
    lines = [
        "# Completion of omnirelay for PowerShell; printed by: omnirelay completion pwsh",
        "Register-ArgumentCompleter -Native -CommandName @('omnirelay', 'omnirelay.exe') -ScriptBlock {",
        "    param($wordToComplete, $commandAst, $cursorPosition)",
        # Names differ by case in the program, which a plain hash table of PowerShell would not see.
        "    $tree = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)",
        f"    $narrowed = @({', '.join(map(_quoted, NARROWED))})",
        "    $asks = @{",
        *(f"        {_quoted(kind)} = @({', '.join(map(_quoted, words))})" for kind, words in CALLS.items()),
        "    }",
    ]
    for place in places(application):
        lines += _entry(place)
    return module("pwsh", lines + _RULES.strip("\n").split("\n"))


def _entry(place: Place) -> list[str]:
    options = [(name, option.help) for option in place.options for name in option.names]
    lines = [f"    $tree[{_quoted(place.path)}] = @{{"]
    lines += _dictionary(place, "Commands", place.commands)
    lines += _dictionary(place, "Options", tuple(options))
    lines.append(f"        Valued = @({', '.join(_quoted(name) for name in place.valued)})")
    lines.append("        Choices = @{")
    lines += [f"            {_quoted(name)} = @({', '.join(map(_quoted, option.values))})" for option, name in _with_values(place)]
    lines.append("        }")
    lines.append(f"        Listed = @({', '.join(_quoted(name) for option in place.options if option.commas for name in option.names)})")
    lines += _names("Asks", [(name, option.asks) for option in place.options if option.asks for name in option.names])
    lines += _names("Means", [(name, "--url") for name in place.urls] + [(name, "--namespace") for name in place.namespaces])
    return [*lines, "    }"]


def _names(name: str, rows: list[tuple[str, str]]) -> list[str]:
    return [f"        {name} = @{{", *(f"            {_quoted(key)} = {_quoted(text)}" for key, text in rows), "        }"]


def _with_values(place: Place) -> list[tuple[Choice, str]]:
    return [(option, name) for option in place.options if option.values for name in option.names]


def _dictionary(place: Place, name: str, rows: tuple[tuple[str, str], ...]) -> list[str]:
    if len({key.casefold() for key, _ in rows}) < len(rows):
        listed = ", ".join(key for key, _ in rows)
        raise BuildError(f"{place.declared}: {place.path}: two of {listed} differ by case only, which a table of PowerShell cannot hold; rename one")
    lines = [f"        {name} = [ordered]@{{"]
    lines += [f"            {_quoted(key)} = {_quoted(text)}" for key, text in rows]
    return [*lines, "        }"]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
