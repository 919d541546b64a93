"""What a program makes up itself: the kinds of values that ``placeholders`` replaces, each with its own test of what it accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from harness.compare.base import CheckContext
from harness.compare.jsontext import brief
from harness.compare.timestamps import instant

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_TESTS: Final[Mapping[str, Callable[[object], bool]]] = {
    "time": lambda value: isinstance(value, str) and instant(value) is not None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "uuid": lambda value: isinstance(value, str) and _UUID.match(value) is not None,
    "id": lambda value: (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool)),
    "text": lambda value: isinstance(value, str),
}
PLACEHOLDERS: Final = tuple(_TESTS)


def stand_in(kind: str, value: object, context: CheckContext) -> str | None:
    """``<time:1>`` and the like, or None when the value is not of the kind.

    Numbers and free texts lose their identity (``<number>``): they are measurements, and two of them may be equal by chance.
    """
    if not _TESTS[kind](value):
        return None
    if kind in ("number", "text"):
        return f"<{kind}>"
    return context.placeholder(kind, value if isinstance(value, str) else brief(value))
