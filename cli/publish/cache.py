"""Directories that are complete or absent: what is built goes to a temporary name first and is renamed when it is whole.

Whoever fills a temporary name holds a lock on it, which ends with its process, whichever way. So what a killed process left is known, and whoever makes
something beside it removes it. Things that nobody has used for the longest time go when a newer one of their sort is complete.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_UNFINISHED = ".unfinished-"
KEPT = 2
"""How many things of one sort stay, the one that was just made included. What a process uses stays, however many those are."""
_in_use: dict[Path, int] = {}
"""Directories that this process uses, with the descriptors that hold a shared lock on them until it ends, whichever way."""


def sweep(place: Path) -> None:
    """Removes what killed processes left in `place`; what living ones are making there stays."""
    if place.is_dir():
        for path in place.iterdir():
            if path.name.startswith(_UNFINISHED):
                # Somebody else may be removing it; what cannot be removed now is removed another time, and nobody takes it for something whole.
                with suppress(OSError):
                    _remove_leftover(path)


def _remove_leftover(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(descriptor, path):
            remove(path)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Removes a file, symlink or directory; one that is not there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def workspace(place: Path) -> Iterator[Path]:
    """An empty directory inside `place`, removed at the end if it is still there. What killed processes left beside it is swept."""
    place.mkdir(parents=True, exist_ok=True)
    sweep(place)
    descriptor = None
    while descriptor is None:  # one that was not locked yet may be swept by another process
        path = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place))
        descriptor = _lock(path)
    try:
        path.chmod(0o755)
        yield path
    finally:
        if path.exists():
            shutil.rmtree(path)
        os.close(descriptor)


def install(made: Path, final: Path) -> None:
    """Puts the finished directory `made` where `final` is, which is replaced; both lie in one file system."""
    if final.exists() or final.is_symlink():
        with workspace(final.parent) as discarded:
            final.rename(discarded / "old")
            made.rename(final)
    else:
        made.rename(final)


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file so that a reader sees either the old content or all of the new one, even after a crash."""
    with workspace(path.parent) as place:
        with (place / path.name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        (place / path.name).chmod(0o644)
        (place / path.name).replace(path)


class Cache:
    """Built things by the digest of everything they were built from."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, kind: str, key: str) -> Path | None:
        """The complete directory for `key`, or None. From then on it is in use by this process, and nobody removes it."""
        path = self.root / kind / key[:32]
        return path if _use(path) else None

    def make(self, kind: str, key: str, build: Callable[[Path], None]) -> Path:
        """The directory for `key`; `build` fills an empty one when there is none yet."""
        found = self.find(kind, key)
        if found is not None:
            return found
        place, final = self.root / kind, self.root / kind / key[:32]
        with workspace(place) as made:
            build(made)
            # Somebody else may have been faster; what was made from the same things is the same.
            if not _use(final):
                install(made, final)
                _use(final)
        _prune(place, final)
        return final


def _use(path: Path) -> bool:
    """Whether the directory is there; it is marked as used last, and locked for as long as this process lives."""
    if path in _in_use:
        return path.is_dir()
    descriptor = _lock(path)
    if descriptor is None:
        return False
    with suppress(OSError):  # a cache that may only be read
        os.utime(path)
    _in_use[path] = descriptor
    return True


def _prune(place: Path, newest: Path) -> None:
    """Removes things of the same sort beyond the last used; of one sort are those that hold files of the same names."""
    names = _names(newest)
    alike = []
    for path in place.iterdir():
        # Another process may be removing it at this moment.
        with suppress(OSError):
            if not path.name.startswith(_UNFINISHED) and path.is_dir() and _names(path) == names:
                alike.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(alike, reverse=True)[KEPT:]:
        # Housekeeping: what cannot be removed now is removed another time, and is no reason for a publish to fail.
        with suppress(OSError):
            _discard(path)


def _discard(path: Path) -> None:
    """Removes a directory that no process uses; it is renamed first, so that nobody ever finds a part of it."""
    if path in _in_use:
        return
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(descriptor, path):
            with workspace(path.parent) as discarded:
                path.rename(discarded / "old")
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int | None:
    """The descriptor that holds a shared lock on a directory; None when it is not there, or was removed while this process waited for the lock."""
    try:
        descriptor = _open(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with suppress(OSError):  # a file system without locks: nobody can sweep there either
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    if _is_at(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _is_at(descriptor: int, path: Path) -> bool:
    here = os.fstat(descriptor)
    try:
        there = path.stat()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _names(path: Path) -> frozenset[str]:
    return frozenset(entry.name for entry in path.iterdir())
