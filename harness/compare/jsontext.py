"""JSON as a CLI prints it: strict reading, stable writing, and the first differences of two values with their paths."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Final

from harness.compare.jsonpath import extend

_SHOWN: Final = 10
_WIDTH: Final = 120
_DEPTH: Final = 200


def parse_json(text: str) -> object:
    """The value of exactly one JSON document; raises ``ValueError`` with a sentence that says what is wrong and where.

    Duplicate names, ``NaN`` and unreasonable depth are refused, because two readers of such a document need not agree.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        if not text.strip():
            raise ValueError("it is empty") from None
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower() + error.msg[1:]}") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f'the name "{next(name for name in names if names.count(name) > 1)}" stands twice in one object')
    return table


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def pretty(value: object) -> str:
    """The text of a JSON snapshot: two spaces, names in the order received, real characters, one line end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def brief(value: object) -> str:
    """One line for messages, cut when long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "…"


def equal(expected: object, actual: object) -> bool:
    """Equality of JSON values: numbers by value, but never a number for a boolean."""
    return next(_differences(expected, actual, "$", 0), None) is None


def differences(expected: object, actual: object, path: str = "$") -> tuple[str, ...]:
    """The first differences as diff lines, each beginning with its path."""
    lines = list(islice(_differences(expected, actual, path, 0), _SHOWN + 1))
    return tuple(lines[:_SHOWN]) + (("… more differences",) if len(lines) > _SHOWN else ())


def _differences(expected: object, actual: object, path: str, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        yield f"{path}: nested too deeply to compare"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        for name, value in expected.items():
            if name in actual:
                yield from _differences(value, actual[name], extend(path, name), depth + 1)
            else:
                yield f"- {extend(path, name)} = {brief(value)}"
        for name in actual:
            if name not in expected:
                yield f"+ {extend(path, name)} = {brief(actual[name])}"
    elif isinstance(expected, list) and isinstance(actual, list):
        for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
            yield from _differences(left, right, extend(path, index), depth + 1)
        yield from (f"- {extend(path, index)} = {brief(expected[index])}" for index in range(len(actual), len(expected)))
        yield from (f"+ {extend(path, index)} = {brief(actual[index])}" for index in range(len(expected), len(actual)))
    elif not _same_scalar(expected, actual):
        yield f"- {path} = {brief(expected)}"
        yield f"+ {path} = {brief(actual)}"


def _same_scalar(expected: object, actual: object) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return type(expected) is type(actual) and expected == actual if not _numbers(expected, actual) else expected == actual


def _numbers(left: object, right: object) -> bool:
    return isinstance(left, int | float) and isinstance(right, int | float)
