"""Large JSON answers, read piece by piece: an object with one array in it, whose items are made into something smaller one by one.

Decoded as a whole such an answer takes six times the memory of its text. Only what is plain is read here. Whatever is not (a fault, a name twice or in
another case, deep nesting) is left to `jsontext` and the readers of whole documents, which know all rules and name the first fault.
"""

from __future__ import annotations

from omnirelay import jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

_SPACE = " \t\n\r"


def split(text: str, name: str, make: Callable[[Any, int], T]) -> tuple[list[T], dict[str, Any]] | None:
    """What `make` makes of each item of the array `name` and its index, and the other members; None where the text is not that plain."""
    try:
        return _object(text, name, make)
    except Exception:  # the scanner may raise any kind (see jsontext), and what `make` raises comes again when the whole is read
        return None


class _Unusual(Exception):
    """The text is something else than what is read here."""


def _object(text: str, name: str, make: Callable[[Any, int], T]) -> tuple[list[T], dict[str, Any]]:
    made: list[T] | None = None
    others: dict[str, Any] = {}
    at = _behind(text, 0, "{")
    while True:
        key, at = jsontext.scan(text, at)
        if type(key) is not str or key in others or (key.lower() == name.lower() and (key != name or made is not None)):
            raise _Unusual
        at = _behind(text, at, ":")
        if key == name and text[at] == "[":
            made, at = _items(text, _behind(text, at, "["), make)
        else:
            others[key], at = _value(text, at, 1)
        at = _skip(text, at)
        if text[at] == "}":
            break
        at = _behind(text, at, ",")
    if _skip(text, at + 1) != len(text):
        raise _Unusual
    return made or [], others


def _items(text: str, at: int, make: Callable[[Any, int], T]) -> tuple[list[T], int]:
    """The items from the first one on, and the place behind the array."""
    made: list[T] = []
    if text[at] == "]":
        return made, at + 1
    while True:
        value, at = _value(text, at, 2)
        made.append(make(value, len(made)))
        at = _skip(text, at)
        if text[at] == "]":
            return made, at + 1
        at = _behind(text, at, ",")


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    """A value that lies `depth` levels deep, and the place behind it; so few brackets that they cannot be too many levels."""
    value, end = jsontext.scan(text, at)
    if text.count("[", at, end) + text.count("{", at, end) > jsontext.DEPTH - depth:
        raise _Unusual
    return value, end


def _behind(text: str, at: int, sign: str) -> int:
    """The next place that is no blank behind `sign`, before which there may be blanks, too."""
    at = _skip(text, at)
    if text[at] != sign:
        raise _Unusual
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
