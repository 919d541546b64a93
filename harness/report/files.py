"""How reports are written: whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write under a temporary name and rename, so that a reader sees the old file or the whole new one; folders are made.

    Something that is there and is no plain file, such as a pipe, is written to as it is.
    """
    if path.exists() and not path.is_file():
        _fill(path, pieces)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _fill(temporary, pieces)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            temporary.unlink()
        raise


def print_text(pieces: Iterable[str]) -> None:
    """Write to standard output, in the same encoding as to a file."""
    for piece in pieces:
        sys.stdout.buffer.write(piece.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _fill(path: Path, pieces: Iterable[str]) -> None:
    # A lone surrogate (an argument or a path that is not UTF-8) becomes the escape that JSON has for it.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.writelines(pieces)
