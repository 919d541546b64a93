"""Searching texts with patterns that others wrote, without waiting for ever: a few patterns take twice as long for each further character of a text.

What is limited is processor time, so that a busy machine makes no difference.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Never

from harness.faults import PatternFault

SECONDS: Final = 10.0
"""A pattern goes through what is kept of a stream in much less than one."""


def search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match. Raises ``PatternFault`` when it takes too long."""
    with patience(pattern):
        return pattern.search(text)


def search_all(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Every match. Raises ``PatternFault`` when they take too long."""
    with patience(pattern):
        return list(pattern.finditer(text))


@contextmanager
def patience(pattern: re.Pattern[str]) -> Iterator[None]:
    """Only the main thread is told of signals, so only there something can be done about it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> Never:
        raise PatternFault(
            f"the pattern {pattern.pattern!r:.200} takes more than {SECONDS:g} s of processor time on what was printed; "
            "write it so that no text can be matched in two ways, for example without a repetition inside of a repetition"
        )

    before = signal.getsignal(signal.SIGVTALRM)
    try:  # from here on: a run that is told to stop between two of these lines must not be left with a timer that still runs
        signal.signal(signal.SIGVTALRM, stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
