"""Files that are whole or as they were: filled under another name, then renamed; and folders to make something in.

Whoever fills a file or folder holds a lock on it, which ends with its process, whichever way; so what a killed process left can be told from what is being
made now, and the next writer in that place removes it. What belongs to others is never touched.

What is read, changed and written again is done ``alone``: otherwise the later of two writers takes away what the other one added.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

PREFIX: Final = ".unfinished."
"""How the name of what is still being filled begins. It does not hold the name to be, which may have no room for more."""
_NAME: Final = re.compile(r"\.unfinished\.[0-9a-f]{8}\Z")


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to fill, which takes the place of ``path`` when the block ends well; permissions of what was there stay. Its folder must exist.

    Raises ``OSError``; then, and when the block raises anything, ``path`` is as it was.
    """
    _sweep(path.parent)
    temporary, file = _open(path.parent)
    try:
        with file:
            yield file
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.flush()
            temporary.replace(path)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            temporary.unlink()
        raise


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """An empty folder below ``parent`` to make something in; it is removed when the block ends."""
    _sweep(parent)
    while True:
        path = parent / f"{PREFIX}{secrets.token_hex(4)}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        with suppress(FileNotFoundError):  # taken for a leftover already
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            if _lock(descriptor, path):
                break
            os.close(descriptor)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """The whole content at once."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While it is open, no other process is in such a block for this folder; a killed one holds up nobody. Raises ``OSError`` when there is no such folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_at(descriptor: int, path: Path) -> bool:
    """Whether what is open is what has this name now, and not something that took its place; a link is never what it leads to."""
    here = os.fstat(descriptor)
    try:
        there = path.lstat()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _open(folder: Path) -> tuple[Path, IO[bytes]]:
    while True:
        path = folder / f"{PREFIX}{secrets.token_hex(4)}"
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        if _lock(file.fileno(), path):
            return path, file
        file.close()


def _lock(descriptor: int, path: Path) -> bool:
    """False when somebody took it for a leftover between making and locking."""
    with suppress(OSError):  # a file system without locks: nobody can sweep there either
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return is_at(descriptor, path)


def _sweep(folder: Path) -> None:
    """Remove what killed processes of this user have left here; what cannot be removed is no reason to write nothing."""
    with suppress(OSError), os.scandir(folder) as found:
        for name in [entry.name for entry in found if _NAME.match(entry.name)]:
            with suppress(OSError):
                _remove_leftover(folder / name)


def _remove_leftover(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if found.st_uid == os.geteuid() and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not is_at(descriptor, path):
                return
            if stat.S_ISDIR(found.st_mode):
                shutil.rmtree(path)
            else:
                path.unlink()
    finally:
        os.close(descriptor)
