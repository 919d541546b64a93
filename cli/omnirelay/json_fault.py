"""Finds the first fault of a text that is not JSON; only loaded when there is one."""

from __future__ import annotations

_SPACE = " \t\n\r"
_WORDS = ("true", "false", "null")
_ESCAPES = frozenset('"\\/bfnrt')
_HEX = frozenset("0123456789abcdefABCDEF")
_DIGITS = frozenset("0123456789")


class _Found(Exception):
    """Carries the fault and its place up to `locate`."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


def locate(text: str, depth: int) -> str:
    """What is wrong first, with line and column; more than `depth` levels are wrong, too."""
    try:
        end = _value(text, 0, depth)
        end = _skip(text, end)
        if end < len(text):
            raise _Found("unexpected text after the value", end)
    except _Found as found:
        line = text.count("\n", 0, found.at) + 1
        column = found.at - (text.rfind("\n", 0, found.at) + 1) + 1
        return f"{found.what} at line {line} column {column}"
    # Everything is well formed, so the scanner refused a size: an integer of thousands of digits.
    return "a number has too many digits"


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _value(text: str, at: int, depth: int) -> int:
    at = _skip(text, at)
    if at >= len(text):
        raise _Found("a value is missing", at)
    char = text[at]
    if char in "{[":
        if depth == 0:
            raise _Found("too many levels of nesting", at)
        return _container(text, at, depth - 1)
    if char == '"':
        return _string(text, at)
    if char in "-0123456789":
        return _number(text, at)
    for word in _WORDS:
        if text.startswith(word, at):
            return at + len(word)
    raise _Found("a value is missing", at)


def _container(text: str, at: int, depth: int) -> int:
    is_object = text[at] == "{"
    close = "}" if is_object else "]"
    at = _skip(text, at + 1)
    if text[at : at + 1] == close:
        return at + 1
    while True:
        if is_object:
            at = _skip(text, at)
            if text[at : at + 1] != '"':
                raise _Found("a name in double quotes is missing", at)
            at = _skip(text, _string(text, at))
            if text[at : at + 1] != ":":
                raise _Found("':' is missing", at)
            at += 1
        at = _skip(text, _value(text, at, depth))
        found = text[at : at + 1]
        if found == close:
            return at + 1
        if found != ",":
            raise _Found(f"',' or '{close}' is missing", at)
        at += 1


def _string(text: str, start: int) -> int:
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == '"':
            return at + 1
        if char < " ":
            raise _Found("a control character in a string", at)
        if char == "\\":
            escape = text[at + 1 : at + 2]
            if escape == "u":
                digits = text[at + 2 : at + 6]
                if len(digits) < 4 or not _HEX.issuperset(digits):
                    raise _Found("a wrong escape in a string", at)
                at += 6
                continue
            if not escape or escape not in _ESCAPES:
                raise _Found("a wrong escape in a string", at)
            at += 2
            continue
        at += 1
    raise _Found("a string without an end", start)


def _number(text: str, start: int) -> int:
    at = start + 1 if text[start] == "-" else start
    first = at
    at = _digits(text, at)
    if at == first:
        raise _Found("a digit is missing", at)
    if text[first] == "0":
        at = first + 1
    if text[at : at + 1] == ".":
        end = _digits(text, at + 1)
        if end == at + 1:
            return at
        at = end
    if text[at : at + 1] in ("e", "E"):
        begin = at + 2 if text[at + 1 : at + 2] in ("+", "-") else at + 1
        end = _digits(text, begin)
        if end > begin:
            at = end
    return at


def _digits(text: str, at: int) -> int:
    while at < len(text) and text[at] in _DIGITS:
        at += 1
    return at
