"""The clock of a server: every timestamp that it sends comes from here, so that a frozen clock makes answers repeatable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)


class ClockError(ValueError):
    """The text names no moment; the message says how to write one."""


class Clock(Protocol):
    """Tells the time, always in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class FrozenClock:
    """Always the same moment."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True, slots=True)
class LiveClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def parse_clock(text: str) -> Clock:
    """``live``, or a moment at which the clock stands still."""
    if text == "live":
        return LiveClock()
    problem = f'"{text[:60]}" is neither "live" nor a moment such as 2025-01-02T03:04:05Z'
    if _FORM.fullmatch(text) is None:
        raise ClockError(problem)
    try:
        return FrozenClock(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        raise ClockError(problem) from None


def wire_instant(moment: datetime) -> str:
    """RFC 3339 as the control plane writes it: offset ``+00:00``, no trailing zeros in the fraction."""
    text = moment.astimezone(UTC).isoformat()
    body, offset = text[:-6], text[-6:]
    return (body.rstrip("0") if "." in body else body) + offset
