"""Which modules of a package a run can load, by following its import statements: what the native program has no use for is not in it.

Every import counts, wherever it stands, but for those that only type checkers see. A package's parents are loaded with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cli.publish.errors import PublishError


def reachable(package: Path, start: str) -> dict[str, Path]:
    """Module name → source, for `start` and all that it leads to."""
    sources = dict(_sources(package))
    if start not in sources:
        raise PublishError(f"{package.name}: has no module {start}, at which the program starts")
    found: dict[str, Path] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = sources[name]
            waiting += [other for other in _wanted(name, sources[name]) if other in sources]
    return found


def _sources(package: Path) -> Iterator[tuple[str, Path]]:
    for source in sorted(package.rglob("*.py")):
        parts = [package.name, *source.relative_to(package).with_suffix("").parts]
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), source


def _wanted(name: str, source: Path) -> Iterator[str]:
    """Names that may be modules: the parents of this one, and all that is imported, from its first part on."""
    yield from _with_parents(name)
    for node in at_run_time(ast.parse(source.read_bytes())):
        for other in imported(node):
            yield from _with_parents(other)


def imported(node: ast.AST) -> Iterator[str]:
    """The full names in an import statement; of `from a import b` it is `a.b`, be that a module or not."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is in it, without the bodies of `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            for other in child.orelse:
                yield from at_run_time(other)
        else:
            yield from at_run_time(child)
