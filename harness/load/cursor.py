"""A place in a TOML text, and how it moves over the tokens of the language.

Raises ``Stop`` at what it does not understand: without a problem when the text is not TOML (the real reader then says why), with one for the two things
that the real reader does not tell: a nesting that would drive it into quadratic time or recursion, and constructs of TOML 1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.load.limits import NESTING

Span = tuple[int, int]

BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE: Final = re.compile(r"[ \t]*")
LINE_END: Final = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
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


class Stop(Exception):
    """The text is not TOML from here on, or a problem was found."""


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
            raise Stop
        return chr(code)
    return _ESCAPES.get(body, body)


class Cursor:
    """Where a reader stands in a text."""

    __slots__ = ("_position", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._position)
        if match is not None:
            self._position = match.end()

    def _expect(self, literal: str) -> None:
        if not self._text.startswith(literal, self._position):
            raise Stop
        self._position += len(literal)

    def _key(self) -> list[tuple[str, Span]]:
        parts: list[tuple[str, Span]] = []
        while True:
            match = None
            for pattern in (_BARE, _BASIC, _LITERAL):
                match = pattern.match(self._text, self._position)
                if match is not None:
                    break
            if match is None:
                raise Stop
            parts.append((key_name(match.group()), match.span()))
            if len(parts) > NESTING:
                raise Stop(Problem(match.span(), True, f"a key of more than {NESTING} parts"))
            self._position = match.end()
            self._skip(SPACE)
            if not self._text.startswith(".", self._position):
                return parts
            self._position += 1
            self._skip(SPACE)

    def _scalar(self) -> None:
        """Over a number, a date or a word."""
        match = _SCALAR.match(self._text, self._position)
        if match is None:
            raise Stop
        if _SHORT_TIME.match(match.group()):
            raise Stop(Problem(match.span(), False, "a time without seconds"))
        self._position = match.end()

    def _string(self, quote: str) -> None:
        text, start = self._text, self._position
        if text.startswith(quote * 3, start):
            end = self._multiline_end(quote, start + 3)
        else:
            match = (_BASIC if quote == '"' else _LITERAL).match(text, start)
            if match is None:
                raise Stop
            end = match.end()
        if quote == '"':
            for escape in _ESCAPE.finditer(text, start, end):
                if escape.group()[1:] in ("e", "x"):
                    raise Stop(Problem(escape.span(), False, f"the escape {escape.group()}"))
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
            raise Stop
        end += 3
        for _ in range(2):  # up to two quotes may belong to the content directly before the closing three
            if text.startswith(quote, end):
                end += 1
        return end

    def _inline_space(self, start: int) -> None:
        self._skip(SPACE)
        if self._text[self._position : self._position + 1] in ("\n", "\r", "#"):
            raise Stop(Problem((start, start + 1), False, "an inline table over several lines"))
