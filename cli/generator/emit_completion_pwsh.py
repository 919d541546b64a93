"""The completion script for PowerShell 5.1 and newer: a native argument completer over tables."""

from __future__ import annotations

from cli.generator.model import Application, BuildError
from cli.generator.shells import Choice, Place, module, places

_RULES = r"""
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    $path = 'omnirelay'
    $expects = ''
    $literal = $false
    foreach ($word in ($words | Select-Object -Skip 1)) {
        $node = $tree[$path]
        if ($expects) { $expects = ''; continue }
        if (-not $literal) {
            if ($word -ceq '--') { $literal = $true; continue }
            if ($word -clike '--*') {
                if ($node.Valued -ccontains $word) { $expects = $word }
                continue
            }
            if ($word -clike '-?*') {
                for ($at = 1; $at -lt $word.Length; $at++) {
                    if ($node.Valued -ccontains "-$($word[$at])") {
                        if ($at -eq $word.Length - 1) { $expects = "-$($word[$at])" }
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
    if ($expects) {
        $found = @($node.Choices[$expects] | ForEach-Object { , @($_, $_, 'ParameterValue') })
    } elseif (-not $literal -and $wordToComplete -clike '--*=*') {
        $name = $wordToComplete.Substring(0, $wordToComplete.IndexOf('='))
        $found = @($node.Choices[$name] | ForEach-Object { , @("$name=$_", $_, 'ParameterValue') })
    } elseif (-not $literal -and $wordToComplete -clike '-*') {
        $found = @($node.Options.GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value, 'ParameterName') })
    } else {
        $found = @($node.Commands.GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value, 'Command') })
    }
    $found | Where-Object { $_ -and $_[0] -and $_[0].StartsWith($wordToComplete, [StringComparison]::Ordinal) } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_[0], $_[0], $_[2], $_[1])
    }
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
    return [*lines, "        }", "    }"]


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
