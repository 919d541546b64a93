"""``.harness/last``: raw output and events of the last run that came to its end.

A run writes into a folder of its own and takes the place of the last one when it ends, so that a reader never meets half a run, and two runs at
the same time do not mix. What killed runs left behind is removed by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PREFIX = "run-"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run; ``path`` until it is published, ``last`` afterwards."""

    path: Path
    last: Path

    @classmethod
    def create(cls, base: Path) -> RunFolder:
        base.mkdir(parents=True, exist_ok=True)
        with _exclusive(base):
            for folder in base.glob(f"{PREFIX}*"):
                if not _alive(folder.name.removeprefix(PREFIX)):
                    shutil.rmtree(folder, ignore_errors=True)
            path = base / f"{PREFIX}{os.getpid()}"
            path.mkdir()
        return cls(path, base / "last")

    def publish(self) -> None:
        """Become the last run."""
        with _exclusive(self.path.parent):
            old = self.path.with_name(self.path.name + "-old")
            if self.last.exists():
                self.last.rename(old)
            self.path.rename(self.last)
            shutil.rmtree(old, ignore_errors=True)

    def discard(self) -> None:
        """Leave nothing of a run that did not get as far as a result."""
        shutil.rmtree(self.path, ignore_errors=True)


@contextmanager
def _exclusive(base: Path) -> Iterator[None]:
    descriptor = os.open(base / "last.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _alive(name: str) -> bool:
    """Whether the process that a folder is named after still runs; a foreign name is left alone, but for the remains of a swap."""
    process, _, rest = name.partition("-")
    if not process.isdigit() or rest:
        return rest != "old"
    if int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
