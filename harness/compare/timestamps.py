"""RFC 3339 instants, compared exactly: any number of fraction digits, ``Z`` or a numeric offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?(?:[Zz]|([+-])(\d\d):(\d\d))\Z")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Instant = tuple[int, int]


def instant(text: str) -> Instant | None:
    """Seconds since 1970 and attoseconds, or None when the text is no RFC 3339 instant."""
    match = _INSTANT.match(text)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
    except ValueError:
        return None
    shift = timedelta(hours=int(match[5] or 0), minutes=int(match[6] or 0))
    delta = moment - _EPOCH + (shift if match[4] == "-" else -shift)
    return delta.days * 86_400 + delta.seconds, int((match[3] or "0").ljust(18, "0"))
