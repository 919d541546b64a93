"""Shapes of single values (see ``shapes``): text, numbers, words, durations, timestamps; and the error that every shape raises."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

T = TypeVar("T")
Defs = dict[str, object]

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
END: Final = r"(?![\s\S])"
"""The end of the text in every dialect: Python's ``$`` would let a newline follow."""
_TIMESTAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})" + END
_DURATION: Final = r"^(0|[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h))" + END
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIMESTAMP_FORM: Final = re.compile(_TIMESTAMP)
_DURATION_FORM: Final = re.compile(_DURATION)


class ShapeError(Exception):
    """What is wrong, and the way to it, innermost step first; ``read_value`` turns it into a ``ReadError``."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.steps: list[str | int] = []

    def inside(self, step: str | int) -> ShapeError:
        self.steps.append(step)
        return self

    def path(self) -> str:
        parts = ["$"]
        for step in reversed(self.steps):
            if isinstance(step, int):
                parts.append(f"[{step}]")
            else:
                parts.append(f".{step}" if _PLAIN_KEY.fullmatch(step) else f"[{json.dumps(step)}]")
        return "".join(parts)


def describe(value: object) -> str:
    """What a value is, in the words of JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return f"text {json.dumps(value if len(value) <= 40 else value[:40] + '…', ensure_ascii=False)}"
    return "a list" if isinstance(value, list) else "an object"


def nearest(word: str, known: list[str]) -> str:
    """``; did you mean "x"?`` or nothing."""
    # Imported here because it is only needed for a mistake, and servers should start fast.
    from difflib import get_close_matches

    matches = get_close_matches(word, known, 1)
    return f'; did you mean "{matches[0]}"?' if matches else ""


@dataclass(frozen=True, slots=True)
class Text:
    """Text within a length; ``blank`` says whether only white space will do; ``form`` is a pattern and its explanation."""

    limit: int = 4096
    blank: bool = True
    form: tuple[str, str] | None = None

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise ShapeError(f"expected text, found {describe(value)}")
        if len(value) > self.limit:
            raise ShapeError(f"{len(value)} characters are more than the limit of {self.limit}")
        if not self.blank and not value.strip():
            raise ShapeError("expected text, found nothing but white space")
        if self.form is not None and re.search(self.form[0], value) is None:
            raise ShapeError(f"{describe(value)} is not {self.form[1]}")
        return value

    def schema(self, defs: Defs) -> Defs:
        schema: Defs = {"type": "string", "maxLength": self.limit}
        if self.form is not None:
            schema["pattern"] = self.form[0]
        elif not self.blank:
            schema["pattern"] = r"\S"
        return schema


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    least: int
    most: int

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ShapeError(f"expected a whole number, found {describe(value)}")
        if not self.least <= value <= self.most:
            raise ShapeError(f"must be between {self.least} and {self.most}")
        return value

    def schema(self, defs: Defs) -> Defs:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, whole or not."""

    least: float
    most: float

    def read(self, value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ShapeError(f"expected a number, found {describe(value)}")
        if not self.least <= value <= self.most:
            raise ShapeError(f"must be between {self.least:g} and {self.most:g}")
        return value

    def schema(self, defs: Defs) -> Defs:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ShapeError(f"expected true or false, found {describe(value)}")
        return value

    def schema(self, defs: Defs) -> Defs:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Only:
    """Exactly this value, where a key is there only to be set."""

    value: bool | int | str

    def read(self, value: object) -> bool | int | str:
        if value != self.value or isinstance(value, bool) is not isinstance(self.value, bool):
            raise ShapeError(f"the only accepted value is {json.dumps(self.value)}; leave the key out otherwise")
        return self.value

    def schema(self, defs: Defs) -> Defs:
        return {"const": self.value}


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of a few words, each standing for a value of ours."""

    values: Mapping[str, T]

    def read(self, value: object) -> T:
        if isinstance(value, str) and value in self.values:
            return self.values[value]
        words = ", ".join(self.values)
        hint = nearest(value, list(self.values)) if isinstance(value, str) else ""
        raise ShapeError(f"{describe(value)} is none of {words}{hint}")

    def schema(self, defs: Defs) -> Defs:
        return {"enum": list(self.values)}


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration such as ``300ms`` or ``1.5s``; read as seconds."""

    most: float = 3600.0

    def read(self, value: object) -> float:
        if not isinstance(value, str):
            raise ShapeError(f'expected a duration such as "300ms", found {describe(value)}')
        if _DURATION_FORM.match(value) is None:
            raise ShapeError(f"{describe(value)} is no duration; write a number and a unit (ms, s, m, h), such as 300ms")
        if value == "0":
            return 0.0
        unit = "ms" if value.endswith("ms") else value[-1]
        seconds = float(value[: -len(unit)]) * _UNITS[unit]
        if seconds > self.most:
            raise ShapeError(f"{describe(value)} is more than the limit of {self.most:g}s")
        return seconds

    def schema(self, defs: Defs) -> Defs:
        return {"type": "string", "pattern": _DURATION}


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An RFC 3339 timestamp with at most 7 fraction digits; kept as written, because it is sent as written."""

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise ShapeError(f'expected a timestamp such as "2025-01-02T03:04:05Z", found {describe(value)}')
        if _TIMESTAMP_FORM.match(value) is None:
            raise ShapeError(f"{describe(value)} is no timestamp; write it like 2025-01-02T03:04:05Z")
        try:
            # The fraction cannot be wrong any more, and this parser would refuse its seventh digit.
            moment = datetime.fromisoformat(value[:19] + ("+00:00" if value.endswith("Z") else value[-6:]))
            moment.utctimetuple()
        except (ValueError, OverflowError):
            raise ShapeError(f"{describe(value)} is no moment of the calendar") from None
        return value

    def schema(self, defs: Defs) -> Defs:
        return {"type": "string", "format": "date-time", "pattern": _TIMESTAMP}


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value, passed on as it is."""

    def read(self, value: object) -> object:
        return value

    def schema(self, defs: Defs) -> Defs:
        return {}
