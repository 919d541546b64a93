"""From the text of a TOML file to its tree. The text must be valid TOML 1.0, which ``Document.parse`` has made sure of."""

from __future__ import annotations

import re
from typing import Final

from harness.load.cursor import SPACE, Cursor
from harness.load.layout.tree import Array, Inline, Item, Pair, Scalar, Table, Value

_COMMENT: Final = re.compile(r"#[^\n]*")
_DIRECTIVE: Final = "#:"


def read(text: str) -> list[Table]:
    """The tables of a text in order; the first one has no heading."""
    return _Reader(text.replace("\r\n", "\n")).tables()


class _Reader(Cursor):
    __slots__ = ()

    def tables(self) -> list[Table]:
        table = Table()
        tables = [table]
        first = True
        while True:
            lines = self._comments()
            if self._position >= len(self._text):
                table.tail = _packed(lines)
                return tables
            if self._text[self._position] == "[":
                tail, own = _divided(lines) if not first else ((), _trimmed(lines))
                table.tail = tail
                table = self._heading(own)
                tables.append(table)
            else:
                if first:
                    table.comments, lines = _lead(lines)
                table.pairs.append(self._line(lines))
            first = False

    def _comments(self) -> list[str]:
        """Lines without a key or heading; an empty one stands for any number of empty lines."""
        lines: list[str] = []
        while True:
            self._skip(SPACE)
            char = self._text[self._position : self._position + 1]
            if char == "#":
                lines.append(self._comment())
                self._position += 1
            elif char == "\n":
                self._position += 1
                if not lines or lines[-1]:
                    lines.append("")
            else:
                return lines

    def _comment(self) -> str:
        match = _COMMENT.match(self._text, self._position)
        assert match is not None
        self._position = match.end()
        return match.group().rstrip()

    def _end_of_line(self) -> str:
        """The comment behind a value or heading; leaves the line."""
        self._skip(SPACE)
        remark = self._comment() if self._text.startswith("#", self._position) else ""
        self._position += 1
        return remark

    def _heading(self, comments: tuple[str, ...]) -> Table:
        array = self._text.startswith("[[", self._position)
        self._position += 2 if array else 1
        self._skip(SPACE)
        key = self._raw_key()
        self._position += 2 if array else 1
        return Table(key, array, comments, self._end_of_line())

    def _raw_key(self) -> tuple[str, ...]:
        return tuple(self._text[start:end] for _, (start, end) in self._key())

    def _line(self, lines: list[str]) -> Pair:
        key, value = self._pair()
        comments = _trimmed(lines)
        return Pair(key, value, comments, apart=bool(comments) and lines[0] == "", remark=self._end_of_line())

    def _pair(self) -> tuple[tuple[str, ...], Value]:
        key = self._raw_key()
        self._expect("=")
        self._skip(SPACE)
        return key, self._value()

    def _value(self) -> Value:
        first = self._text[self._position]
        if first == "[":
            return self._array()
        if first == "{":
            return self._inline()
        start = self._position
        if first in ("'", '"'):
            self._string(first)
        else:
            self._scalar()
        return Scalar(self._text[start : self._position])

    def _array(self) -> Array:
        start = self._position
        self._position += 1
        items: list[Item] = []
        while True:
            above = self._comments()
            if self._text[self._position] == "]":
                self._position += 1
                tall = "\n" in self._text[start : self._position] and bool(items or _trimmed(above))
                return Array(tuple(items), _packed(above), tall)
            items.append(self._item(above))

    def _item(self, above: list[str]) -> Item:
        """An item with its comma. What stands behind either of them in the same line is its remark."""
        value = self._value()
        remarks: list[str] = []
        for comma in (False, True):
            self._skip(SPACE)
            if self._text.startswith("#", self._position):
                remarks.append(self._comment())
            if not comma and remarks:
                # The comma, if there is one, follows in a later line.
                remarks += _packed(self._comments())
            elif not comma:
                mark = self._position
                between = _packed(self._comments())
                if not self._text.startswith(",", self._position):
                    self._position = mark
                    break
                remarks += between
            if not self._text.startswith(",", self._position):
                break
            self._position += 1
        first, more = (remarks[0], remarks[1:]) if remarks else ("", [])
        return Item((*_packed(above), *more), value, first)

    def _inline(self) -> Inline:
        self._position += 1
        pairs: list[tuple[tuple[str, ...], Value]] = []
        while True:
            self._skip(SPACE)
            if self._text.startswith("}", self._position):
                self._position += 1
                return Inline(tuple(pairs))
            pairs.append(self._pair())
            self._skip(SPACE)
            if self._text.startswith(",", self._position):
                self._position += 1


def _trimmed(lines: list[str]) -> tuple[str, ...]:
    """Without empty lines at either end."""
    kept = list(lines)
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _packed(lines: list[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


def _divided(lines: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Comments directly below a table belong to it, those behind an empty line to the heading that follows."""
    if "" not in lines or not lines[0]:
        return (), _trimmed(lines)
    at = lines.index("")
    return tuple(lines[:at]), _trimmed(lines[at:])


def _lead(lines: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """What stands at the head of a file and stays there: directives, and comments that an empty line sets apart from the first key."""
    at = max((index + 1 for index, line in enumerate(lines) if not line or line.startswith(_DIRECTIVE)), default=0)
    head = list(lines[:at])
    while head and not head[0]:
        head.pop(0)
    return tuple(head), lines[at:]
