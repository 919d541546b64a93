"""``conformance lint PATH…`` and ``conformance explain CODE``: what is wrong with scenario files, without running anything."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from harness.load.codes import explain
from harness.load.document import shown
from harness.load.render import render_all
from harness.load.scenarios import load_tree


def lint(paths: Sequence[Path], root: Path) -> int:
    """0 when every scenario at or below the paths is right, else 1 after all mistakes were printed.

    No paths means the whole root. Paths at which there is nothing to read are a mistake, too.
    """
    for path in (root, *paths):
        if not path.exists():
            print(f"error: {shown(path)} does not exist", file=sys.stderr)
            return 1
    loaded = load_tree(root, paths or None)
    if loaded.diagnostics:
        print(render_all(loaded.diagnostics))
    if not loaded.diagnostics and not loaded.scenarios:
        where = ", ".join(str(shown(path)) for path in paths or [root])
        print(f"error: no scenario at or below {where}; scenarios are .toml files below {shown(root)}", file=sys.stderr)
        return 1
    files = len({item.position.path for item in loaded.diagnostics})
    cases = sum(len(scenario.cases) for scenario in loaded.scenarios)
    mistakes = f"{len(loaded.diagnostics)} mistakes in {files} files; " if loaded.diagnostics else ""
    print(f"{mistakes}{len(loaded.scenarios)} scenarios with {cases} cases are right")
    return 1 if loaded.diagnostics else 0


def explain_code(code: str) -> int:
    """Print the page about a code; 1 when there is no such one."""
    try:
        print(explain(code), end="")
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
