"""``.harness/last``: raw output and events of the last run that came to its end.

A run writes into a folder of its own and takes the place of the last one when it ends, so that a reader never meets half a run, and two runs at
the same time do not mix. It holds a lock on its folder, which ends with the process, whichever way: a folder that is not locked was left behind by a run
that was killed, and the next run removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"run-[0-9a-f]+(-old)?\Z")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run; ``path`` until it is published, ``last`` afterwards."""

    path: Path
    last: Path
    _lock: int

    @classmethod
    def create(cls, base: Path) -> RunFolder:
        base.mkdir(parents=True, exist_ok=True)
        with _exclusive(base):
            for folder in base.iterdir():
                if _NAME.match(folder.name) and _is_nobodys(folder):
                    shutil.rmtree(folder, ignore_errors=True)
            path = base / f"run-{secrets.token_hex(4)}"
            path.mkdir()
            descriptor = _open(path)
            with suppress(OSError):  # a file system without locks: nobody can sweep there either
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        return cls(path, base / "last", descriptor)

    def publish(self) -> None:
        """Become the last run."""
        with _exclusive(self.path.parent):
            old = self.path.with_name(self.path.name + "-old")
            if self.last.exists():
                self.last.rename(old)
            self.path.rename(self.last)
            shutil.rmtree(old, ignore_errors=True)

    def discard(self) -> None:
        """At the end of a run: leave nothing that did not get as far as a result."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def _exclusive(base: Path) -> Iterator[None]:
    descriptor = os.open(base / "last.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_nobodys(folder: Path) -> bool:
    try:
        descriptor = _open(folder)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
