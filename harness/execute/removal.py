"""Removing what a program has left, whatever it made of it: locked, linked, as deep as it likes, with names that no path can hold.

The tree is never walked down. What lies two levels below is moved up to the first before its directory is removed, so that no path grows longer than
two names and nothing recurses. No link is followed. Whoever calls this knows that the program has ended.
"""

from __future__ import annotations

import os
import stat
from itertools import count, islice
from pathlib import Path
from typing import Final

_MODE: Final = 0o700
_AT_A_TIME: Final = 10_000
"""Names that are read before they are removed: a directory may hold more than fit into memory."""
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(root: Path) -> None:
    """Remove a file or a tree; nothing to do when it is not there. Raises ``OSError`` when something cannot be removed."""
    try:
        found = os.lstat(root)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode):
        root.unlink()
        return
    root.chmod(_MODE)
    descriptor = os.open(root, _DIRECTORY)
    try:
        _empty(descriptor)
    finally:
        os.close(descriptor)
    root.rmdir()


def _empty(root: int) -> None:
    numbers = count()
    while names := _names(root):
        for name in names:
            if not _removed(name, root):
                _flatten(name, root, numbers)


def _flatten(name: str, root: int, numbers: count[int]) -> None:
    """Remove a directory of the root, after what it holds was removed or moved up into the root."""
    directory = os.open(name, _DIRECTORY, dir_fd=root)
    try:
        while names := _names(directory):
            for inner in names:
                if not _removed(inner, directory):
                    _move_up(inner, directory, root, numbers)
    finally:
        os.close(directory)
    os.rmdir(name, dir_fd=root)


def _removed(name: str, place: int) -> bool:
    """Whether the entry is gone; a directory that holds something is not, but can be opened and moved now."""
    if not stat.S_ISDIR(os.lstat(name, dir_fd=place).st_mode):
        os.unlink(name, dir_fd=place)
        return True
    os.chmod(name, _MODE, dir_fd=place)
    try:
        os.rmdir(name, dir_fd=place)
    except OSError:
        # It may hold something. Where that is not the reason, its removal in the end says what is.
        return False
    return True


def _move_up(name: str, place: int, root: int, numbers: count[int]) -> None:
    while True:
        new = f".up-{next(numbers)}"
        try:
            os.lstat(new, dir_fd=root)
        except FileNotFoundError:
            os.rename(name, new, src_dir_fd=place, dst_dir_fd=root)
            return


def _names(directory: int) -> list[str]:
    with os.scandir(directory) as found:
        return [entry.name for entry in islice(found, _AT_A_TIME)]
