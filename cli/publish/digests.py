"""SHA-256 of files, trees and lists of inputs, the same on every machine for the same content."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class TreeDigest:
    """What a directory holds: one digest over every regular file and symlink, and how many of them there are."""

    sha256: str
    files: int


def file_digest(path: Path) -> str:
    """The digest of the content; a symlink is followed."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _entries(root: Path) -> Iterator[tuple[str, Path]]:
    for place, directories, names in os.walk(root):
        linked = [name for name in directories if (Path(place) / name).is_symlink()]
        for name in [*names, *linked]:
            path = Path(place) / name
            yield path.relative_to(root).as_posix(), path


def tree_digest(root: Path) -> TreeDigest:
    """The digest over everything below `root`: per entry, sorted by POSIX path, the line `<mode> <content digest or -> target>  <path>`."""
    digest = hashlib.sha256()
    count = 0
    for name, path in sorted(_entries(root)):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            content = f"-> {path.readlink()}"
        elif stat.S_ISREG(status.st_mode):
            content = file_digest(path)
        else:
            continue
        line = f"{status.st_mode & 0o777:03o} {content}  {name}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
        count += 1
    return TreeDigest(digest.hexdigest(), count)


def key_of(parts: dict[str, str]) -> str:
    """One digest over named inputs; the order in which they are given does not matter."""
    digest = hashlib.sha256()
    for name, value in sorted(parts.items()):
        digest.update(f"{len(name)}:{name}={len(value)}:{value}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def sources_digest(root: Path, suffixes: tuple[str, ...]) -> str:
    """The digest of the source files below `root` with one of `suffixes`: names and content, never times or modes."""
    parts = {
        path.relative_to(root).as_posix(): file_digest(path)
        for path in root.rglob("*")
        if path.is_file() and path.name.endswith(suffixes) and "__pycache__" not in path.parts
    }
    return key_of(parts)
