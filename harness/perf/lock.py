"""Timing never happens while functional cells run, in any process of this checkout: one lock file, shared by cells, exclusive for timing.

The operating system drops the lock when its holder ends, however it ends, so a killed run never leaves a stale one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.perf.errors import TimingLockError

LOCK_NAME = Path(".harness") / "timing.lock"


@contextmanager
def timing_lock(root: Path) -> Iterator[None]:
    """Holds the machine for timing; refused at once when a functional run or another timing session of this checkout holds it."""
    what = f"{LOCK_NAME} is held: functional cells or another timing session are running in this checkout; wait for them to end, then run the timing again"
    with _held(root, fcntl.LOCK_EX, what):
        yield


@contextmanager
def functional_lock(root: Path) -> Iterator[None]:
    """Marks that functional cells run; many may at once. Refused at once while a timing session holds the machine."""
    what = f"{LOCK_NAME} is held by a timing session, which other work would falsify; wait for it to end, then run the tests again"
    with _held(root, fcntl.LOCK_SH, what):
        yield


@contextmanager
def _held(root: Path, mode: int, refusal: str) -> Iterator[None]:
    path = root / LOCK_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TimingLockError(refusal) from None
        yield
    finally:
        os.close(descriptor)
