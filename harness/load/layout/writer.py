"""From the tree of a TOML file to its text: the spacing is always the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.load.layout.tree import Array, Inline, Pair, Scalar, Table, Value

WIDTH: Final = 120
"""A list in one line that is longer gets a line for each item. Nothing else is ever broken: TOML 1.0 has no place for it."""
_INDENT: Final = "  "


def write(tables: list[Table]) -> str:
    """The text of a file, with one line end at its end."""
    blocks = [list(_block(table)) for table in tables]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _block(table: Table) -> Iterator[str]:
    yield from table.comments
    if table.heading:
        left, right = ("[[", "]]") if table.array else ("[", "]")
        yield _with_remark(f"{left}{'.'.join(table.heading)}{right}", table.remark)
    for number, pair in enumerate(table.pairs):
        yield from _pair(pair, first=number == 0)
    yield from table.tail


def _pair(pair: Pair, *, first: bool) -> Iterator[str]:
    if pair.apart and not first:
        yield ""
    yield from pair.comments
    head = f"{'.'.join(pair.key)} = "
    line = head + _value(pair.value, "")
    if isinstance(pair.value, Array) and not _tall(pair.value) and len(line) > WIDTH and len(pair.value.items) > 1:
        line = head + _column(pair.value, "")
    yield _with_remark(line, pair.remark)


def _with_remark(line: str, remark: str) -> str:
    return f"{line}  {remark}" if remark else line


def _value(value: Value, indent: str) -> str:
    match value:
        case Scalar(raw):
            return raw
        case Inline(pairs):
            inner = ", ".join(f"{'.'.join(key)} = {_value(item, indent)}" for key, item in pairs)
            return f"{{ {inner} }}" if inner else "{}"
        case Array() if _tall(value):
            return _column(value, indent)
        case Array(items):
            return f"[{', '.join(_value(item.value, indent) for item in items)}]"


def _tall(array: Array) -> bool:
    """Written over several lines, or holding something that needs them."""
    return array.tall or any(_needs_lines(item.value) for item in array.items)


def _needs_lines(value: Value) -> bool:
    match value:
        case Array():
            return _tall(value)
        case Inline(pairs):
            return any(_needs_lines(item) for _, item in pairs)
        case Scalar():
            return False


def _column(array: Array, indent: str) -> str:
    """One line for each item."""
    inner = indent + _INDENT
    lines = ["["]
    for item in array.items:
        lines += [f"{inner}{comment}" for comment in item.comments]
        lines.append(_with_remark(f"{inner}{_value(item.value, inner)},", item.remark))
    lines += [f"{inner}{comment}" for comment in array.tail]
    return "\n".join([*lines, f"{indent}]"])
