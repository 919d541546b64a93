"""``conformance fmt``: lays out files on disk. A file is replaced as a whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import whole
from harness.load.document import Document, shown
from harness.load.errors import ScenarioError
from harness.load.layout.text import LayoutError, formatted
from harness.load.render import counted, render_all
from harness.load.scenarios import SHARED, is_library, is_scenario


def lay_out(paths: Sequence[Path], root: Path, *, check: bool) -> int:
    """0 when every file at or below the paths is laid out now (with ``check``: was before), else 1 after all were looked at.

    No paths means the whole root. Paths at which there is nothing to lay out are a mistake.
    """
    for path in (root, *paths):
        if not path.exists():
            print(f"error: {shown(path)} does not exist", file=sys.stderr)
            return 1
    files = sorted({file for path in paths or [root] for file in _files(path.absolute(), root.absolute())})
    if not files:
        where = ", ".join(str(shown(path)) for path in paths or [root])
        print(
            f"error: no scenario at or below {where}; scenarios and files of {SHARED}/ lie below {shown(root)} (--scenarios names another tree)",
            file=sys.stderr,
        )
        return 1
    changed = broken = 0
    for file in files:
        try:
            document = Document.read(file)
            text = formatted(document)
            if text.encode() == file.read_bytes():
                continue
            if not check:
                whole.write(file, text.encode())
            changed += 1
            print(f"{'would change' if check else 'changed'} {document.display}")
        except ScenarioError as error:
            broken += 1
            print(render_all(error.diagnostics))
        except (LayoutError, OSError) as error:
            broken += 1
            print(f"error: {error}", file=sys.stderr)
    print(_sentence(len(files), changed, broken, check=check))
    return 1 if broken or (check and changed) else 0


def _sentence(files: int, changed: int, broken: int, *, check: bool) -> str:
    left = files - changed - broken
    parts = [f"{changed} {'would change' if check else 'changed'}", f"{left} laid out already"]
    if broken:
        parts.append(f"{broken} with mistakes left alone")
    return f"{counted(files, 'file')}: {', '.join(parts)}"


def _files(path: Path, root: Path) -> Iterator[Path]:
    for file in [path] if path.is_file() else path.rglob("*.toml"):
        if is_scenario(file, root) or is_library(file, root):
            yield file
