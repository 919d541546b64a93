"""A digest that tells two suites apart: every scenario, ledger, side file and golden, by path and content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

PASSED_OVER = "__pycache__"


def suite_digest(scenarios: Path, snapshots: Path) -> str:
    """Equal on two machines exactly when both would judge by the same files; where the trees lie does not matter."""
    whole = hashlib.sha256()
    for name, root in (("scenarios", scenarios), ("snapshots", snapshots)):
        for relative, path in sorted(_files(root)):
            whole.update(f"{name}/{relative}\0{_content(path)}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    """Hidden files are left out: editors and interrupted writes leave them behind, and nothing reads them."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name != PASSED_OVER]
        for name in names:
            if not name.startswith("."):
                path = Path(folder, name)
                yield path.relative_to(root).as_posix(), path


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:  # whoever needs the file reports it; here it only must not look like any content
        return f"unreadable: {error.strerror}"
