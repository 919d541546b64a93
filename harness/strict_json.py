"""Reads JSON text strictly: any bytes give a value or a ``JsonTextError``, never a crash and never a silently changed value.

Refused besides what JSON itself refuses: duplicate keys, NaN and Infinity, lone surrogates, text above a limit, nesting above a limit.
A reader that lets these through would accept a file that two programs understand in two ways. Readers with limits of their own use the hooks alone.
"""

from __future__ import annotations

import json
import math
from typing import Final, NoReturn

MAX_DEPTH: Final = 64


class JsonTextError(ValueError):
    """The text is no acceptable JSON; the message says what and where."""


def parse(text: bytes, limit: int) -> object:
    """The value that ``text`` holds; ``limit`` is the largest accepted size in bytes."""
    if len(text) > limit:
        raise JsonTextError(f"{len(text)} bytes of JSON are more than the limit of {limit}")
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonTextError(f"not UTF-8 at byte {error.start}") from error
    try:
        value: object = json.loads(decoded, object_pairs_hook=unique, parse_constant=no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise JsonTextError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise JsonTextError(f"nested deeper than {MAX_DEPTH} levels") from error
    except JsonTextError:
        raise
    except ValueError as error:
        # The interpreter's limit on the digits of an integer is the only other ValueError of the decoder.
        raise JsonTextError(f"not acceptable as a number: {error}") from error
    _check(value)
    return value


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """For ``object_pairs_hook``: an object in which no key stands twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonTextError(f"key {json.dumps(name)} occurs twice in one object")
            seen.add(name)
    return members


def no_constant(name: str) -> NoReturn:
    """For ``parse_constant``: NaN and Infinity are Python's, not JSON's."""
    raise JsonTextError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise JsonTextError(f"number {digits[:40]} is too large")
    return number


def _check(root: object) -> None:
    """Depth and encodability, walked with a list so that the check itself cannot overflow the stack."""
    pending: list[tuple[object, int]] = [(root, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            _encodable(value)
        elif isinstance(value, (dict, list)):
            if depth > MAX_DEPTH:
                raise JsonTextError(f"nested deeper than {MAX_DEPTH} levels")
            if isinstance(value, dict):
                for name in value:
                    _encodable(name)
            pending.extend((item, depth + 1) for item in (value.values() if isinstance(value, dict) else value))


def _encodable(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise JsonTextError("a string holds half of a surrogate pair, which has no UTF-8 form") from error
