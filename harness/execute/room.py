"""How much a program may write: looked at while it runs, at no cost to those that write little.

What is left of the whole file system is asked first, which takes a microsecond. Only when that has shrunk by more than the limit since the start is the
sandbox itself measured, so that nobody is blamed for what others write. A file without a name takes its space back to the grave: it counts for nobody,
and its program is bounded by the time limit alone.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOK: Final = 0.25
"""Seconds between two looks at a program that runs."""
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be written below a directory."""

    place: Path
    bytes: int
    entries: int

    def __str__(self) -> str:
        return f"{self.bytes / _MEBIBYTE:g} MiB or {self.entries} files"


class Room:
    """The file system as it was at the start of a process."""

    def __init__(self, allowance: Allowance | None) -> None:
        self._allowance = allowance
        self._before = _left(allowance.place) if allowance else None

    def exceeded(self) -> bool:
        allowance, before = self._allowance, self._before
        if allowance is None or before is None:
            return False
        now = _left(allowance.place)
        if now is None or (before[0] - now[0] <= allowance.bytes and before[1] - now[1] <= allowance.entries):
            return False
        return _is_beyond(allowance)


def _left(place: Path) -> tuple[int, int] | None:
    """Bytes and entries that the file system still has room for; None when the place is gone, which others find out."""
    try:
        found = os.statvfs(place)
    except OSError:
        return None
    return found.f_bfree * found.f_frsize, found.f_ffree


def _is_beyond(allowance: Allowance) -> bool:
    size = entries = 0
    pending = [str(allowance.place)]
    while pending:
        try:
            with os.scandir(pending.pop()) as found:
                for entry in found:
                    entries += 1
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    else:
                        with suppress(FileNotFoundError, PermissionError):
                            size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if size > allowance.bytes or entries > allowance.entries:
                        return True
        except OSError as error:
            # Deeper than a path can name: nobody who writes a little needs that.
            if error.errno == errno.ENAMETOOLONG:
                return True
    return False
