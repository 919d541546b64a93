"""How reports are written: whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from harness import whole


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """A reader sees the old file or the whole new one; folders are made.

    Something that is there and is no plain file, such as a pipe, is written to as it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as there:
            there.writelines(map(_encoded, pieces))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole.replacing(path) as file:
        file.writelines(map(_encoded, pieces))


def print_text(pieces: Iterable[str]) -> None:
    """Write to standard output, in the same encoding as to a file."""
    sys.stdout.buffer.writelines(map(_encoded, pieces))
    sys.stdout.buffer.flush()


def _encoded(piece: str) -> bytes:
    # A lone surrogate (an argument or a path that is not UTF-8) becomes the escape that JSON has for it.
    return piece.encode("utf-8", "backslashreplace")
