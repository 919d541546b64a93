"""The processes that live in a folder of sandboxes: those whose environment names something in it, as that of every program does that is started in a cell.

It is how programs are found whose harness was killed, and so can tell nobody about them, or was interrupted before it had taken note of them.
A program that has wiped its environment out is not found.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_ROUNDS: Final = 100
"""A process may have made another one while it was looked for; one that does so all the time has won after that many rounds."""
_UNKILLABLE_MS: Final = 1_000


def end_inhabitants(folder: Path) -> int:
    """Kill them all; how many there were. Never this process itself."""
    mark = b"=" + os.fsencode(folder) + b"/"
    ended = 0
    for _ in range(_ROUNDS):
        found = [number for number in _numbers() if _lives(number, mark)]
        if not found:
            break
        ended += sum(_kill(number, mark) for number in found)
    return ended


def _numbers() -> list[int]:
    me = os.getpid()
    return [int(name) for name in os.listdir("/proc") if name.isdecimal() and int(name) != me]  # noqa: PTH208 - names, not paths


def _lives(number: int, mark: bytes) -> bool:
    """Not what has ended: it has no environment any more. Nor what belongs to other users."""
    try:
        return mark in Path(f"/proc/{number}/environ").read_bytes()
    except OSError:
        return False


def _kill(number: int, mark: bytes) -> bool:
    try:
        descriptor = os.pidfd_open(number)
    except OSError:
        return False
    try:
        # Looked at again now that the number cannot come to mean another process.
        if not _lives(number, mark):
            return False
        with suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(_UNKILLABLE_MS))
    finally:
        os.close(descriptor)
