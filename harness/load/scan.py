"""Where every key and value of a TOML text stands.

The reader of the standard library tells no positions, so this scanner walks the raw text once. It promises spans for every key, table and value of a text
that is valid TOML 1.0. At the first thing that it does not understand it stops silently: the real reader then names the syntax error. Two findings are
its own: a nesting that would drive the real reader into quadratic time or recursion, and constructs of TOML 1.1, which newer interpreters read and older
ones refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from harness.load.limits import NESTING

KeyPath = tuple[str | int, ...]
Span = tuple[int, int]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_LINE_END: Final = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_BASIC: Final = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"')
_LITERAL: Final = re.compile(r"'[^'\n]*'")
_MULTILINE_STEP: Final = re.compile(r'\\[\s\S]|"""')
_SCALAR: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#=]+")
_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[\s\S])")
_SHORT_TIME: Final = re.compile(r"(?:\d{4}-\d\d-\d\d[ Tt])?\d\d:\d\d(?:[Zz]|[+-]\d\d:\d\d)?\Z")
_ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What the scanner itself objects to: the span and ``nesting`` or a construct of TOML 1.1."""

    span: Span
    nesting: bool
    message: str


@dataclass(slots=True)
class Scan:
    """Spans by path. A path mixes key names and indexes: ``("step", 0, "run", 2)``."""

    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    problem: Problem | None = None


class _Stop(Exception):
    """The text is not TOML from here on, or a problem was found."""


def scan(text: str) -> Scan:
    """The spans of a text; never raises, whatever the text holds."""
    scanner = _Scanner(text)
    try:
        scanner.document()
    except _Stop as stop:
        scanner.result.problem = stop.args[0] if stop.args else None
    return scanner.result


def key_name(token: str) -> str:
    """The name that a key token stands for: bare, ``'literal'`` or ``"basic"``."""
    if token[:1] == "'":
        return token[1:-1]
    if token[:1] == '"':
        return _ESCAPE.sub(_unescape, token[1:-1])
    return token


def _unescape(match: re.Match[str]) -> str:
    body = match.group()[1:]
    if body[0] in "uU" and len(body) > 1:
        code = int(body[1:], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise _Stop
        return chr(code)
    return _ESCAPES.get(body, body)


class _Scanner:
    __slots__ = ("_counts", "_position", "_text", "result")

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._counts: dict[KeyPath, int] = {}
        self.result = Scan()

    def document(self) -> None:
        text = self._text
        table: KeyPath = ()
        while True:
            self._skip(_BLANK)
            if self._position >= len(text):
                return
            if text[self._position] == "[":
                table = self._header()
            else:
                self._pair(table, 0)
            match = _LINE_END.match(text, self._position)
            if match is None:
                raise _Stop
            self._position = match.end()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._position)
        if match is not None:
            self._position = match.end()

    def _expect(self, literal: str) -> None:
        if not self._text.startswith(literal, self._position):
            raise _Stop
        self._position += len(literal)

    def _header(self) -> KeyPath:
        start = self._position
        array = self._text.startswith("[[", start)
        self._position += 2 if array else 1
        self._skip(_SPACE)
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

    def _key(self) -> list[tuple[str, Span]]:
        parts: list[tuple[str, Span]] = []
        while True:
            match = None
            for pattern in (_BARE, _BASIC, _LITERAL):
                match = pattern.match(self._text, self._position)
                if match is not None:
                    break
            if match is None:
                raise _Stop
            parts.append((key_name(match.group()), match.span()))
            if len(parts) > NESTING:
                raise _Stop(Problem(match.span(), True, f"a key of more than {NESTING} parts"))
            self._position = match.end()
            self._skip(_SPACE)
            if not self._text.startswith(".", self._position):
                return parts
            self._position += 1
            self._skip(_SPACE)

    def _pair(self, table: KeyPath, depth: int) -> None:
        parts = self._key()
        self._expect("=")
        self._skip(_SPACE)
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
                raise _Stop(Problem((self._position, self._position + 1), True, f"brackets nested deeper than {NESTING}"))
            self._array(path, depth + 1) if first == "[" else self._inline_table(path, depth + 1)
        elif first in ("'", '"'):
            self._string(first)
        else:
            match = _SCALAR.match(text, self._position)
            if match is None:
                raise _Stop
            if _SHORT_TIME.match(match.group()):
                raise _Stop(Problem(match.span(), False, "a time without seconds"))
            self._position = match.end()

    def _string(self, quote: str) -> None:
        text, start = self._text, self._position
        if text.startswith(quote * 3, start):
            end = self._multiline_end(quote, start + 3)
        else:
            match = (_BASIC if quote == '"' else _LITERAL).match(text, start)
            if match is None:
                raise _Stop
            end = match.end()
        if quote == '"':
            for escape in _ESCAPE.finditer(text, start, end):
                if escape.group()[1:] in ("e", "x"):
                    raise _Stop(Problem(escape.span(), False, f"the escape {escape.group()}"))
        self._position = end

    def _multiline_end(self, quote: str, start: int) -> int:
        text = self._text
        if quote == "'":
            end = text.find("'''", start)
        else:
            end, search = -1, start
            while match := _MULTILINE_STEP.search(text, search):
                if match.group() == '"""':
                    end = match.start()
                    break
                search = match.end()
        if end < 0:
            raise _Stop
        end += 3
        for _ in range(2):  # up to two quotes may belong to the content directly before the closing three
            if text.startswith(quote, end):
                end += 1
        return end

    def _array(self, path: KeyPath, depth: int) -> None:
        self._position += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self._text.startswith("]", self._position):
                self._position += 1
                return
            item = (*path, index)
            start = self._position
            self._value(item, depth)
            self.result.keys[item] = self.result.values[item] = (start, self._position)
            index += 1
            self._skip(_BLANK)
            if self._text.startswith(",", self._position):
                self._position += 1
            elif not self._text.startswith("]", self._position):
                raise _Stop

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
                raise _Stop(Problem((comma, comma + 1), False, "a comma before the closing brace"))

    def _inline_space(self, start: int) -> None:
        self._skip(_SPACE)
        if self._text[self._position : self._position + 1] in ("\n", "\r", "#"):
            raise _Stop(Problem((start, start + 1), False, "an inline table over several lines"))
