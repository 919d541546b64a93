"""``conformance lint PATH…`` and ``conformance explain CODE``: what is wrong with scenario files, without running anything."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.load.codes import explain
from harness.load.document import shown
from harness.load.errors import ScenarioError
from harness.load.procedures import check_library
from harness.load.render import counted, render_all
from harness.load.scenarios import SHARED, load_tree
from harness.model.position import Diagnostic


def lint(paths: Sequence[Path], root: Path) -> int:
    """0 when every scenario at or below the paths is right, else 1 after all mistakes were printed.

    No paths means the whole root. Paths at which there is nothing to read are a mistake, too.
    """
    for path in (root, *paths):
        if not path.exists():
            print(f"error: {shown(path)} does not exist", file=sys.stderr)
            return 1
    loaded = load_tree(root, paths or None)
    libraries = _libraries(paths or [root], root)
    # What is wrong with an included file is told by everyone who includes it; here it is told once.
    found = {(item.code, item.position, item.message): item for item in (*_of_libraries(libraries, root), *loaded.diagnostics)}
    diagnostics = sorted(found.values(), key=lambda item: (item.position.path.as_posix(), item.position.line, item.position.column, item.code))
    if diagnostics:
        print(render_all(diagnostics))
    elif not loaded.scenarios and not libraries:
        where = ", ".join(str(shown(path)) for path in paths or [root])
        print(f"error: no scenario at or below {where}; scenarios are .toml files below {shown(root)} (--scenarios names another tree)", file=sys.stderr)
        return 1
    files = len({item.position.path for item in diagnostics})
    cases = sum(len(scenario.cases) for scenario in loaded.scenarios)
    mistakes = f"{counted(len(diagnostics), 'mistake')} in {counted(files, 'file')}; " if diagnostics else ""
    right = len(loaded.scenarios)
    print(f"{mistakes}{counted(right, 'scenario')} with {counted(cases, 'case')} {'is' if right == 1 else 'are'} right")
    return 1 if diagnostics else 0


def _libraries(paths: Sequence[Path], root: Path) -> list[Path]:
    """The files that scenarios include, at or below some paths."""
    wanted = [path.absolute() for path in paths]
    files = sorted((root / SHARED).rglob("*.toml"))
    return [file for file in files if any(file.absolute().is_relative_to(path) for path in wanted)]


def _of_libraries(files: Sequence[Path], root: Path) -> Iterator[Diagnostic]:
    for file in files:
        try:
            check_library(file, root / SHARED)
        except ScenarioError as error:
            yield from error.diagnostics


def explain_code(code: str) -> int:
    """Print the page about a code; 1 when there is no such one."""
    try:
        print(explain(code), end="")
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
