"""Durations as operators write them: `250ms`, `1.5s`, `2m`, `1h`, `1d`, `hh:mm[:ss[.fff]]`, `d.hh:mm:ss`.

A bare number other than 0 is refused, because the original program read it as days.
"""

from __future__ import annotations

# The longest span of the original program, about 29,000 years; more than that is a slip, not a wish.
_LONGEST = 922337203685.0

_SUFFIXES = (("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0))
_NUMBER = frozenset("0123456789.eE+-")
_DIGITS = frozenset("0123456789")


class DurationFault(Exception):
    """The text is no duration; the message says why in a few words, and may be empty."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


def parse(text: str) -> float:
    """The number of seconds, never negative, or DurationFault."""
    trimmed = text.strip()
    if len(trimmed) > 64:
        raise DurationFault("It is too long.")
    seconds = _clock(trimmed) if ":" in trimmed else _suffixed(trimmed)
    if seconds < 0:
        raise DurationFault("It must not be negative.")
    if not seconds <= _LONGEST:
        raise DurationFault("It is too large.")
    return seconds


def _suffixed(text: str) -> float:
    lowered = text.lower()
    for suffix, factor in _SUFFIXES:
        if lowered.endswith(suffix):
            number = _number(text[: len(text) - len(suffix)].strip())
            if number is None:
                break
            return number * factor
    number = _number(text)
    if number is None:
        raise DurationFault("Use a number with a unit, such as 250ms, 5s, 2m or 1h.")
    if number == 0:
        return 0.0
    raise DurationFault("Add a unit, such as " + text + "s.")


def _number(text: str) -> float | None:
    if not text or not _NUMBER.issuperset(text) or not _DIGITS.intersection(text):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _clock(text: str) -> float:
    sign = 1.0
    if text.startswith("-"):
        sign = -1.0
        text = text[1:]
    parts = text.split(":")
    days = "0"
    if len(parts) == 4:
        days, parts = parts[0], parts[1:]
    elif "." in parts[0]:
        days, _, parts[0] = parts[0].partition(".")
    if len(parts) == 2:
        parts.append("0")
    if len(parts) != 3:
        raise DurationFault("Use hh:mm:ss, such as 00:01:30.")
    whole, _, fraction = parts[2].partition(".")
    pieces = [days, parts[0], parts[1], whole, fraction or "0"]
    for piece in pieces:
        if not piece or not _DIGITS.issuperset(piece):
            raise DurationFault("Use hh:mm:ss, such as 00:01:30.")
    if int(parts[0]) > 23 or int(parts[1]) > 59 or int(whole) > 59:
        raise DurationFault("Hours go to 23, minutes and seconds to 59.")
    minutes = (int(days) * 24 + int(parts[0])) * 60 + int(parts[1])
    return sign * (minutes * 60 + int(whole) + float("0." + (fraction or "0")))
