"""The script for PowerShell, held to the language's grammar and read back from its tree: there is not always a PowerShell to run it.

What the tree can tell is told: one native completer is registered, its tables are those of the declaration, names and texts stand in single quotes, nothing
but the program and a handful of cmdlets is called, and nothing evaluates text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import tree_sitter
import tree_sitter_powershell

from cli.generator.reading import read_application
from cli.generator.shells import CALLS, NARROWED, Place, places
from omnirelay._generated.completion_pwsh import SCRIPT

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
PLACES = places(read_application())
CALLED = {
    "Register-ArgumentCompleter": 1, "Where-Object": 2, "ForEach-Object": 6, "Select-Object": 1, "Get-Command": 1,
    "$plain": 2, "$ask": 1, "$found.Source": 1,
}  # fmt: skip
"""Commands and how often they are called; the program is `$found.Source`."""
JOINED = {'"$start$_"', '"$quote$($_[0])$quote"', '"$option=$value"', '"--prefix=$prefix"', '"-$($word[$at])"', '"$path $word"', '"$name="'}
"""All strings in which something is replaced: they hold variables of the script and signs, and no name of ours."""
PATTERNS = {"'^''([^'']*)''$'", r"'^[\p{L}\p{N}._:/\\+=%~][\p{L}\p{N}._:/\\@+=%~-]*$'", "'^[''\"]'"}
"""All that words are matched with: in them one sign more or less would still be PowerShell."""

Table = dict[str, object]


def nodes(node: tree_sitter.Node, kind: str) -> Iterator[tree_sitter.Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from nodes(child, kind)


def text(node: tree_sitter.Node) -> str:
    assert node.text is not None
    return node.text.decode()


def plain(node: tree_sitter.Node) -> str:
    """What a node says that is one string in single quotes, or a simple name."""
    while node.child_count == 1:
        node = node.children[0]
    said = text(node)
    if node.type == "verbatim_string_characters" and said[:1] == said[-1:] == "'":
        return said[1:-1].replace("''", "'")
    if node.type == "simple_name":
        return said
    raise ValueError(f"{node.type} {said!r} is no text")


def listed(node: tree_sitter.Node) -> tuple[str, ...]:
    """The texts of `@('a', 'b')`."""
    if not text(node).startswith("@("):
        raise ValueError(f"{text(node)!r} is no list")
    return tuple(plain(item) for item in nodes(node, "string_literal"))


def table(node: tree_sitter.Node) -> Table:
    """Keys and values of the outermost `@{ … }` in a node; values that are tables are read, others stay nodes."""
    body = next(nodes(node, "hash_literal_expression"))
    found: Table = {}
    for holder in body.named_children:
        for entry in holder.named_children:
            if entry.type != "hash_entry":
                raise ValueError(f"{entry.type} in a table")
            key, value = entry.named_children
            if plain(key) in found:
                raise ValueError(f"{plain(key)} stands twice in a table")
            found[plain(key)] = value
    return found


def ordered(node: object) -> dict[str, str]:
    assert isinstance(node, tree_sitter.Node)
    if not text(node).startswith("[ordered]@{"):
        raise ValueError(f"{text(node)[:20]!r} is no ordered table")
    return texts(node)


def texts(node: object) -> dict[str, str]:
    assert isinstance(node, tree_sitter.Node)
    return {key: plain(value) for key, value in table(node).items() if isinstance(value, tree_sitter.Node)}


def lists(node: object) -> dict[str, tuple[str, ...]]:
    assert isinstance(node, tree_sitter.Node)
    return {key: listed(value) for key, value in table(node).items() if isinstance(value, tree_sitter.Node)}


def expected(place: Place) -> Table:
    named = [(name, option) for option in place.options for name in option.names]
    return {
        "Commands": dict(place.commands),
        "Options": {name: option.help for name, option in named},
        "Valued": place.valued,
        "Choices": {name: option.values for name, option in named if option.values},
        "Listed": tuple(name for name, option in named if option.commas),
        "Asks": {name: option.asks for name, option in named if option.asks},
        "Means": dict.fromkeys(place.urls, "--url") | dict.fromkeys(place.namespaces, "--namespace"),
    }


def entry(node: tree_sitter.Node) -> Table:
    found = table(node)
    if set(found) != {"Commands", "Options", "Valued", "Choices", "Listed", "Asks", "Means"}:
        raise ValueError(f"a place with {sorted(found)}")
    valued, several = found["Valued"], found["Listed"]
    assert isinstance(valued, tree_sitter.Node) and isinstance(several, tree_sitter.Node)
    return {
        "Commands": ordered(found["Commands"]),
        "Options": ordered(found["Options"]),
        "Valued": listed(valued),
        "Choices": lists(found["Choices"]),
        "Listed": listed(several),
        "Asks": texts(found["Asks"]),
        "Means": texts(found["Means"]),
    }


def assigned(root: tree_sitter.Node) -> Iterator[tuple[str, tree_sitter.Node]]:
    """What the script assigns to, as written, and the value."""
    for node in nodes(root, "assignment_expression"):
        yield text(node.children[0]), node.children[-1]


def problems(script: str) -> list[str]:
    """What is wrong with a script, as far as its tree tells."""
    root = PARSER.parse(script.encode()).root_node
    if root.has_error:
        return ["it is not PowerShell"]
    found = []
    try:
        values = list(assigned(root))
        tables = [(plain(next(nodes(PARSER.parse(left.encode()).root_node, "string_literal"))), entry(value)) for left, value in values if "$tree['" in left]
        if tables != [(place.path, expected(place)) for place in PLACES]:
            found.append("its tables are not those of the declaration")
        calls = [lists(value) for left, value in values if left == "$asks"]
        narrowed = [listed(value) for left, value in values if left == "$narrowed"]
        if calls != [CALLS] or narrowed != [NARROWED]:
            found.append("it asks for something else than the program answers")
    except (ValueError, StopIteration, AssertionError) as problem:
        found.append(f"its tables cannot be read: {problem}")
    return found + _called(root) + _strings(root)


def _called(root: tree_sitter.Node) -> list[str]:
    found: dict[str, int] = {}
    for command in nodes(root, "command"):
        name = command.child_by_field_name("command_name")
        word = "" if name is None else text(name)
        found[word] = found.get(word, 0) + 1
    register = next((text(command) for command in nodes(root, "command") if text(command).startswith("Register-ArgumentCompleter")), "")
    head = register.partition("{")[0]
    wrong = [] if found == CALLED else [f"it calls {found}"]
    return wrong + (
        [] if head == "Register-ArgumentCompleter -Native -CommandName @('omnirelay', 'omnirelay.exe') -ScriptBlock " else [f"it registers {head!r}"]
    )


def _strings(root: tree_sitter.Node) -> list[str]:
    found = {text(node) for node in nodes(root, "expandable_string_literal")}
    matched = {text(node) for node in nodes(root, "verbatim_string_characters") if text(node).startswith("'^")}
    wrong = [] if matched == PATTERNS else [f"it matches with {sorted(matched ^ PATTERNS)}"]
    return wrong + ([] if found == JOINED else [f"it puts together {sorted(found ^ JOINED)}"])


def test_the_script_is_what_the_declaration_says() -> None:
    assert problems(SCRIPT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-Native ", ""), ("& $found.Source", "Invoke-Expression"), ("'--url' = 'Control", "\"--url\" = 'Control"),
        ("= 'Show what a dispatcher runs.'", "= \"Show $(Get-Date)\""), ("'introspect' = ", "'introspekt' = "), ("2>$null", "2>$null; iex $text"),
        ("@('peers', '--without', ':')", "@('peers')"), ("@('shards')", "@('peers')"), ("'--owner' = 'peers'", "'--owner' = 'shards'"),
        ("Listed = @('--status')", "Listed = @()"), ("foreach (", "foreach "), ("$_[1]) }\n}\n", "$_[1]) }\n"), ("param(", "param"), ("[ordered]@{", "@{"),
        ("^[''\"]'", "^['']'"),
    ],
)  # fmt: skip
def test_a_broken_script_is_found(old: str, new: str) -> None:
    assert old in SCRIPT
    assert problems(SCRIPT.replace(old, new, 1)) != []


def test_a_script_that_lacks_one_sign_is_found() -> None:
    """One bracket or quote less, at places all over the script."""
    at = [index for index, sign in enumerate(SCRIPT) if sign in "{}()[]'\""]
    missed = [SCRIPT[max(0, index - 40) : index + 20] for index in random.Random(7).sample(at, 150) if not problems(SCRIPT[:index] + SCRIPT[index + 1 :])]
    assert missed == []
