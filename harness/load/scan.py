"""Where every key and value of a TOML text stands.

The reader of the standard library tells no positions, so this scanner walks the raw text once. It promises spans for every key, table and value of a text
that is valid TOML 1.0. At the first thing that it does not understand it stops silently: the real reader then names the syntax error.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.load.cursor import BLANK, LINE_END, SPACE, Cursor, Problem, Span, Stop
from harness.load.limits import NESTING

KeyPath = tuple[str | int, ...]


@dataclass(slots=True)
class Scan:
    """Spans by path. A path mixes key names and indexes: ``("step", 0, "run", 2)``."""

    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    problem: Problem | None = None


def scan(text: str) -> Scan:
    """The spans of a text; never raises, whatever the text holds."""
    scanner = _Scanner(text)
    try:
        scanner.document()
    except Stop as stop:
        scanner.result.problem = stop.args[0] if stop.args else None
    return scanner.result


class _Scanner(Cursor):
    __slots__ = ("_counts", "result")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._counts: dict[KeyPath, int] = {}
        self.result = Scan()

    def document(self) -> None:
        text = self._text
        table: KeyPath = ()
        while True:
            self._skip(BLANK)
            if self._position >= len(text):
                return
            if text[self._position] == "[":
                table = self._header()
            else:
                self._pair(table, 0)
            match = LINE_END.match(text, self._position)
            if match is None:
                raise Stop
            self._position = match.end()

    def _header(self) -> KeyPath:
        start = self._position
        array = self._text.startswith("[[", start)
        self._position += 2 if array else 1
        self._skip(SPACE)
        parts = self._key()
        self._expect("]]" if array else "]")
        whole = (start, self._position)
        path: KeyPath = ()
        for number, (name, span) in enumerate(parts):
            path = (*path, name)
            last = number == len(parts) - 1
            self.result.keys.setdefault(path, whole if last else span)
            self.result.values.setdefault(path, whole if last else span)
            if last and array:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        if array:
            self.result.keys[path] = self.result.values[path] = whole
        return path

    def _pair(self, table: KeyPath, depth: int) -> None:
        parts = self._key()
        self._expect("=")
        self._skip(SPACE)
        path = table
        for name, span in parts:
            path = (*path, name)
            self.result.keys.setdefault(path, span)
            self.result.values.setdefault(path, span)
        start = self._position
        self._value(path, depth)
        self.result.values[path] = (start, self._position)

    def _value(self, path: KeyPath, depth: int) -> None:
        text = self._text
        first = text[self._position : self._position + 1]
        if first in ("[", "{"):
            if depth >= NESTING:
                raise Stop(Problem((self._position, self._position + 1), True, f"brackets nested deeper than {NESTING}"))
            self._array(path, depth + 1) if first == "[" else self._inline_table(path, depth + 1)
        elif first in ("'", '"'):
            self._string(first)
        else:
            self._scalar()

    def _array(self, path: KeyPath, depth: int) -> None:
        self._position += 1
        index = 0
        while True:
            self._skip(BLANK)
            if self._text.startswith("]", self._position):
                self._position += 1
                return
            item = (*path, index)
            start = self._position
            self._value(item, depth)
            self.result.keys[item] = self.result.values[item] = (start, self._position)
            index += 1
            self._skip(BLANK)
            if self._text.startswith(",", self._position):
                self._position += 1
            elif not self._text.startswith("]", self._position):
                raise Stop

    def _inline_table(self, path: KeyPath, depth: int) -> None:
        start = self._position
        self._position += 1
        self._inline_space(start)
        if self._text.startswith("}", self._position):
            self._position += 1
            return
        while True:
            self._pair(path, depth)
            self._inline_space(start)
            if self._text.startswith("}", self._position):
                self._position += 1
                return
            comma = self._position
            self._expect(",")
            self._inline_space(start)
            if self._text.startswith("}", self._position):
                raise Stop(Problem((comma, comma + 1), False, "a comma before the closing brace"))
