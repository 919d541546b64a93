"""Folders for temporary files that belong to a process as long as it lives, and can be told from those of processes that were killed.

Whoever makes a folder holds a lock on it, and the kernel takes the lock away when the process ends, however that happens: a number of a process may be
another's by now, a lock never is. Whoever removes a folder has got the lock first. A folder that was just made and is not locked yet may be taken
for a leftover; its maker finds out when it has the lock, and makes another one. Folders that are kept for people have another name.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.execute.inhabitants import end_inhabitants
from harness.execute.removal import remove
from harness.whole import is_at

PREFIX: Final = "cells."
KEPT: Final = "keeps."
"""As long as the other, because the length of a path may change how a program folds its lines."""
_NAME: Final = re.compile(r"cells\.[a-z0-9_]{8}\Z")
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Claim:
    """A folder of this process."""

    path: Path
    descriptor: int

    def release(self) -> None:
        """Give the folder up; nothing is removed."""
        os.close(self.descriptor)


def claim(parent: Path | None = None, *, keep: bool = False) -> Claim:
    """A new empty folder below ``parent``, by default the system's place for temporary files. Raises ``OSError`` when there can be none.

    The real path is used, so that a program that resolves its working directory prints what the normaliser looks for.
    """
    while True:
        path = Path(tempfile.mkdtemp(prefix=KEPT if keep else PREFIX, dir=parent)).resolve()
        try:
            descriptor = os.open(path, _DIRECTORY)
        except FileNotFoundError:  # taken for a leftover already
            continue
        with suppress(OSError):  # a file system without locks: nobody can sweep there either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if is_at(descriptor, path):
            return Claim(path, descriptor)
        os.close(descriptor)


def hold(place: Claim) -> Claim:
    """The same folder, made and locked again when a program has removed it: what has its name now would pass for a leftover. Raises ``OSError``."""
    if is_at(place.descriptor, place.path):
        return place
    place.path.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(place.path, _DIRECTORY)
    with suppress(OSError):  # a file system without locks, as above; or somebody is just sweeping it away, and the next cell tries again
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    place.release()
    return Claim(place.path, descriptor)


def sweep(parent: Path | None = None) -> int:
    """Remove what killed processes of this user have left below ``parent``; how many folders that were. What cannot be removed is left alone.

    Programs that still run in such a folder are ended: their harness cannot do it any more.
    """
    place = parent or Path(tempfile.gettempdir())
    try:
        with os.scandir(place) as found:
            names = [entry.name for entry in found if _NAME.match(entry.name)]
    except OSError:
        return 0
    return sum(_swept(place / name) for name in names)


def _swept(path: Path) -> bool:
    try:
        descriptor = os.open(path, _DIRECTORY)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not is_at(descriptor, path):
            return False
        end_inhabitants(path)
        remove(path)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
