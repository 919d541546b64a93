"""Members that may hold any JSON value: passed on as they are, if they can be written again.

JSON text may hold a number such as 1e400, which no machine number is; decoded it is infinite, and JSON has no word for that.
"""

from __future__ import annotations

from omnirelay.render.safe_text import shortened
from omnirelay.wire_reading import fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omnirelay.wire_reading import Path

_LARGEST = 1.7976931348623157e308


def anything(value: Any, path: Path, name: str | int) -> Any:
    """The value, or WireFault at the first number in it that is out of range."""
    pending = [(value, (path, name))]
    while pending:
        found, place = pending.pop()
        if type(found) is float:
            if not -_LARGEST <= found <= _LARGEST:
                raise fault(place, "is out of range")
        elif type(found) is dict:
            pending += [(item, (place, shortened(key, 60))) for key, item in reversed(list(found.items()))]
        elif type(found) is list:
            pending += [(found[index], (place, index)) for index in range(len(found) - 1, -1, -1)]
    return value
