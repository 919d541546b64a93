"""Exit codes and signals as scenarios write them: ``1``, ``[0, 3]``, ``"signal:TERM"``."""

from __future__ import annotations

import json
import re
from typing import Final

HIGHEST: Final = 255
_SIGNAL: Final = re.compile(r"signal:([A-Z][A-Z0-9]{1,9})\Z")


def exit_values(value: object) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The codes and the signal names of a value; raises ``ValueError`` with a sentence when it is neither."""
    items = value if isinstance(value, list) else [value]
    codes: list[int] = []
    signals: list[str] = []
    for item in items:
        signal = _SIGNAL.match(item) if isinstance(item, str) else None
        if isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= HIGHEST:
            codes.append(item)
        elif signal is not None:
            signals.append(signal[1].removeprefix("SIG"))
        else:
            raise ValueError(f"{json.dumps(item, ensure_ascii=False, default=str)} is no exit code")
    if not items:
        raise ValueError("the list is empty")
    return tuple(codes), tuple(signals)
