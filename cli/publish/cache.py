"""Directories that are complete or absent: what is built goes to a temporary name first and is renamed when it is whole.

A process that is killed leaves only a temporary directory behind; the next one that holds the lock removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".unfinished-"


def sweep(place: Path) -> None:
    """Removes what killed publishes left in `place`; call it only under the lock of `place`."""
    if place.is_dir():
        for path in place.iterdir():
            if path.name.startswith(_UNFINISHED):
                remove(path)


def remove(path: Path) -> None:
    """Removes a file, symlink or directory; one that is not there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def workspace(place: Path) -> Iterator[Path]:
    """An empty directory inside `place`, removed at the end if it is still there."""
    place.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place))
    path.chmod(0o755)
    try:
        yield path
    finally:
        if path.exists():
            shutil.rmtree(path)


def install(made: Path, final: Path) -> None:
    """Puts the finished directory `made` where `final` is, which is replaced; both lie in one file system."""
    if final.exists() or final.is_symlink():
        discarded = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=final.parent)) / "old"
        final.rename(discarded)
        made.rename(final)
        shutil.rmtree(discarded.parent)
    else:
        made.rename(final)


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file so that a reader sees either the old content or all of the new one, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Cache:
    """Built things by the digest of everything they were built from."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, kind: str, key: str) -> Path | None:
        """The complete directory for `key`, or None."""
        path = self.root / kind / key[:32]
        return path if path.is_dir() else None

    def make(self, kind: str, key: str, build: Callable[[Path], None]) -> Path:
        """The directory for `key`; `build` fills an empty one when there is none yet."""
        found = self.find(kind, key)
        if found is not None:
            return found
        place = self.root / kind
        with workspace(place) as made:
            build(made)
            install(made, place / key[:32])
        return place / key[:32]
