"""The processes that live in a folder of sandboxes: those whose home, or another directory of their own, lies in it, as that of every program does that
is started in a cell.

It is how programs are found whose harness was killed, and so can tell nobody about them, or was interrupted before it had taken note of them.
A program that has wiped its environment out is not found. Somebody who looks at the folder is not one of them, although a shell hands down where it is
and where it was before: ``PWD`` and ``OLDPWD`` say nothing about who started a process.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

OWN: Final = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
"""The variables by which a sandbox gives a program directories of its own."""
_ROUNDS: Final = 100
"""A process may have made another one while it was looked for; one that does so all the time has won after that many rounds."""
_UNKILLABLE_MS: Final = 1_000


def end_inhabitants(folder: Path) -> int:
    """Kill them all; how many there were. Never this process itself."""
    marks = tuple(name.encode() + b"=" + os.fsencode(folder) + b"/" for name in OWN)
    ended: set[int] = set()
    unkillable: set[int] = set()
    for _ in range(_ROUNDS):
        found = [number for number in _numbers() if number not in unkillable and _lives(number, marks)]
        if not found:
            break
        for number in found:
            outcome = _kill(number, marks)
            if outcome is not None:
                (ended if outcome else unkillable).add(number)
    return len(ended)


def _numbers() -> list[int]:
    me = os.getpid()
    return [int(name) for name in os.listdir("/proc") if name.isdecimal() and int(name) != me]  # noqa: PTH208 - names, not paths


def _lives(number: int, marks: tuple[bytes, ...]) -> bool:
    """Not what has ended: it has no environment any more. Nor what belongs to other users."""
    try:
        return any(entry.startswith(marks) for entry in Path(f"/proc/{number}/environ").read_bytes().split(b"\0"))
    except OSError:
        return False


def _kill(number: int, marks: tuple[bytes, ...]) -> bool | None:
    """Whether it ends; None when it is not there any more, or is just becoming another program and has to be looked at again."""
    try:
        descriptor = os.pidfd_open(number)
    except OSError:
        return None
    try:
        # Looked at again now that the number cannot come to mean another process.
        if not _lives(number, marks):
            return None
        with suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(_UNKILLABLE_MS))
    finally:
        os.close(descriptor)
