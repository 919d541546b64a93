"""The error texts of the product, read from its sources: every text that is handed to something that ends a command, with `{}` for what varies.

Only what is written down as text is found: literals, their concatenation, f-strings, both branches of a condition, values of tables of texts, and
names that a function or its module binds to such an expression. Everything else is a `{}`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOLE: Final = "{}"
_MOST: Final = 64
_SHORTEST: Final = 6
"""Letters without which a text says nothing by itself."""


@dataclass(frozen=True, slots=True)
class Sink:
    """Something that takes an error text: which of its arguments, and what stands around it where it is printed."""

    argument: int
    before: str = ""
    after: str = ""


SINKS: Final[dict[str, tuple[Sink, ...]]] = {
    "Refused": (Sink(0, "Error: "),),
    "Failure": (Sink(0, "error: "),),
    "TimeLimit": (Sink(0, "error: "),),
    "told": (Sink(0, "error: ", " ("), Sink(1, "; ", ")")),
    "confirm": (Sink(1, "error: "),),
    "err": (Sink(0),),
    "AddressFault": (Sink(0, "(", ")"),),
    "DurationFault": (Sink(0, "'.{}"),),
    "ExchangeFault": (Sink(1, ": ", ". ("),),
    "ResponseFault": (Sink(1, ": ", ". ("),),
    "_Found": (Sink(0, "is not valid JSON: ", " at line "),),
    "JsonFault": (Sink(0, "is not valid JSON: "),),
    "fault": (Sink(1, "is not as expected: {}: ", ". ("),),
}
_TOLD: Final = "told"


@dataclass(frozen=True, slots=True, order=True)
class ErrorText:
    """A text, and the module that has it."""

    text: str
    source: str


def error_texts(package: Path) -> tuple[ErrorText, ...]:
    """All texts of a package, sorted; what is generated is left out, because it only names what others say."""
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if not name.startswith("_generated/"):
            for text in _texts(ast.parse(path.read_bytes())):
                found.setdefault(text, name)
    return tuple(sorted(ErrorText(text, source) for text, source in found.items()))


def _texts(module: ast.Module) -> Iterator[str]:
    constants = _Names(module.body, {})
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        names = _Names(list(ast.walk(function)), constants.bound)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                yield from _of_call(node, names)


def _of_call(node: ast.Call, names: _Names) -> Iterator[str]:
    called = _name(node.func)
    for sink in SINKS.get(called, ()):
        if len(node.args) <= sink.argument:
            continue
        argument = node.args[sink.argument]
        if isinstance(argument, ast.Call) and _name(argument.func) == _TOLD:
            continue  # which is a sink by itself
        for text in names.alternatives(argument):
            if sum(map(str.isalpha, text.replace(HOLE, ""))) >= _SHORTEST:
                yield _joined(sink.before + text.rstrip("\n") + sink.after)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _joined(text: str) -> str:
    while HOLE * 2 in text:
        text = text.replace(HOLE * 2, HOLE)
    return text


class _Names:
    """What names are bound to, and the texts that expressions over them may come to."""

    def __init__(self, statements: list[ast.stmt] | list[ast.AST], outer: dict[str, list[ast.expr]]) -> None:
        self.bound: dict[str, list[ast.expr]] = dict(outer)
        for node in statements:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.bound[target.id] = [*self.bound.get(target.id, ()), node.value]

    def alternatives(self, node: ast.expr, depth: int = 0) -> list[str]:
        if depth > 8:
            return [HOLE]
        return list(dict.fromkeys(self._alternatives(node, depth + 1)))[:_MOST]

    def _alternatives(self, node: ast.expr, depth: int) -> list[str]:
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return self._product([self.alternatives(part, depth) for part in parts])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._product([self.alternatives(left, depth), self.alternatives(right, depth)])
            case ast.IfExp(body=body, orelse=other):
                return [*self.alternatives(body, depth), *self.alternatives(other, depth)]
            case ast.BoolOp(values=values):
                return [text for value in values for text in self.alternatives(value, depth)]
            case ast.Name(id=name) if name in self.bound:
                return [text for value in self.bound[name] for text in self.alternatives(value, depth)]
            case ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="get"), args=[_, *rest]):
                values = [value for bound in self.bound.get(table, ()) if isinstance(bound, ast.Dict) for value in bound.values]
                return [text for value in (*values, *rest) for text in self.alternatives(value, depth)]
            case _:
                return [HOLE]

    @staticmethod
    def _product(parts: list[list[str]]) -> list[str]:
        texts = [""]
        for part in parts:
            texts = [before + after for before in texts for after in part][:_MOST]
        return texts
