"""Timestamps on the wire (RFC 3339, up to nine fraction digits) and in text (UTC with `Z`, no padded fraction)."""

from __future__ import annotations

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ZERO_FOR_DIGIT = {48 + digit: "0" for digit in range(10)}
_SECOND = "0000-00-00T00:00:00"


def is_valid(text: str) -> bool:
    """Whether `text` is a timestamp that this program reads."""
    # Lists hold one in every row, nearly all of them in UTC: a quarter of the work of taking each apart.
    shape = text.translate(_ZERO_FOR_DIGIT)
    fraction = shape[19:-6] if shape.endswith("+00:00") else shape[19:-1]
    if (
        shape[:19] == _SECOND
        and (not fraction or (fraction[0] == "." and fraction[1:] and fraction[1:] == "000000000"[: len(fraction) - 1]))
        and (text.endswith(("Z", "+00:00")))
        and text[:4] > "0000"
        and "01" <= text[5:7] <= "12"
        and "01" <= text[8:10] <= "28"
        and text[11:13] < "24"
        and text[14:16] < "60"
        and text[17:19] < "60"
    ):
        return True
    return _fields(text) is not None


def to_utc_text(text: str) -> str:
    """A valid timestamp in UTC: `2024-01-02T03:04:05.25Z`."""
    fields = _fields(text)
    if fields is None:
        raise ValueError(text)
    year, month, day, minute_of_day, second, fraction, offset = fields
    minute_of_day -= offset
    if minute_of_day < 0:
        minute_of_day += 1440
        day -= 1
        if day == 0:
            month -= 1
            if month == 0:
                year, month = year - 1, 12
            day = _days_in(year, month)
    elif minute_of_day >= 1440:
        minute_of_day -= 1440
        day += 1
        if day > _days_in(year, month):
            month, day = month + 1, 1
            if month == 13:
                year, month = year + 1, 1
    fraction = fraction.rstrip("0")
    tail = "." + fraction + "Z" if fraction else "Z"
    hour, minute = divmod(minute_of_day, 60)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{tail}"


def to_column_text(text: str) -> str:
    """A valid timestamp as tables have it: `2024-01-02 03:04:05Z`, in UTC, without the fraction."""
    found = to_utc_text(text)
    return found[:10] + " " + found[11:19] + "Z"


def _days_in(year: int, month: int) -> int:
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def _fields(text: str) -> tuple[int, int, int, int, int, str, int] | None:
    """Year, month, day, minute of the day, second, fraction digits, offset in minutes; None when invalid."""
    if not 20 <= len(text) <= 35 or not text.isascii():
        return None
    if text[4] + text[7] + text[13] + text[16] != "--::" or text[10] not in "Tt":
        return None
    digits = text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]
    if len(digits) != 14 or not digits.isdigit():
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:])
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month) or hour > 23 or minute > 59 or second > 59:
        return None
    rest = text[19:]
    fraction = ""
    if rest[0] == ".":
        end = 1
        while end < len(rest) and rest[end].isdigit():
            end += 1
        fraction = rest[1:end]
        rest = rest[end:]
        if not 1 <= len(fraction) <= 9:
            return None
    offset = _offset(rest)
    if offset is None:
        return None
    # A date that leaves the years 1 to 9999 in UTC has no text form.
    minute_of_day = hour * 60 + minute
    if (year, month, day) == (1, 1, 1) and minute_of_day < offset:
        return None
    if (year, month, day) == (9999, 12, 31) and minute_of_day - offset >= 1440:
        return None
    return year, month, day, minute_of_day, second, fraction, offset


def _offset(text: str) -> int | None:
    if text in ("Z", "z"):
        return 0
    if len(text) != 6 or text[0] not in "+-" or text[3] != ":":
        return None
    digits = text[1:3] + text[4:]
    if not digits.isdigit():
        return None
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)
