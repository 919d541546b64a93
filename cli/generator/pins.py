"""The guard of the pinned Typer and Click: before anything of them is imported, whether they are what the generator was written for.

A generator that reads another Typer than it knows would guess. So a version beside the pin is refused, and for a new pin each name that
the readers import, public or not, is looked for, with the place where it is used. What a guard cannot see is left to the readers' own
checks, to the proof of the help pages and to the recorded corpus.
"""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
import traceback
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cli.generator.model import BuildError

ROOT = Path(__file__).parents[2]
PROJECT = Path("pyproject.toml")
PINNED = ("typer", "click")
READERS = ("declaration", "generator", "equivalence")
"""The packages below cli/ that import them."""
GUIDE = "docs/contributors.md, Raising Typer"
_MOST_BYTES = 1 << 20
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.!+_-]+)")


def check(root: Path = ROOT) -> None:
    """Raises BuildError unless the installed versions are the pinned ones and have what the readers of `root` import."""
    problem = next(_problems(root), None)
    if problem is not None:
        raise BuildError(problem)


def described() -> str:
    """What is installed, in words."""
    return " with ".join(f"{name} {_installed(name) or '(not installed)'}" for name in PINNED)


def of_foreign_fault(fault: Exception) -> BuildError:
    """What to say when a reader stumbles over something that this Typer does not have or does otherwise."""
    own = [frame for frame in traceback.extract_tb(fault.__traceback__) if Path(frame.filename).is_relative_to(ROOT / "cli")]
    place = f"{Path(own[-1].filename).relative_to(ROOT)}:{own[-1].lineno}: " if own else ""
    return BuildError(f"{place}{type(fault).__name__}: {fault}; the reader of the declaration does not fit {described()}; see {GUIDE}")


def _problems(root: Path) -> Iterator[str]:
    pins = read_pins(root / PROJECT)
    for name in PINNED:
        if name not in pins:
            yield f"{PROJECT}: {name} is not pinned to one version; write {name}==VERSION among its dependencies; see {GUIDE}"
            return
        line, wanted = pins[name]
        found = _installed(name)
        if found != wanted:
            have = f"{name} {found} is installed" if found else f"{name} is not installed"
            yield f"{PROJECT}:{line}: {name} is pinned to {wanted}, but {have}; run make setup, or to raise the pin see {GUIDE}"
    if not _typer_is_over_click():
        line, wanted = pins["typer"]
        yield (
            f"{PROJECT}:{line}: typer {wanted} does not build on the click package but carries its own copy, which nobody has proven the generated parser "
            f"against; go back to the last version that does, or bring the imports of click below cli/ in line with it; see {GUIDE}"
        )
    yield from _missing_names(root)


def read_pins(project: Path) -> dict[str, tuple[int, str]]:
    """Package → line and version, of the exact pins among the dependencies of a project file."""
    try:
        with project.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8")
        dependencies = tomllib.loads(text)["project"]["dependencies"]
        found = [match for entry in dependencies if (match := _PIN.fullmatch(entry))]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise BuildError(f"{project}: no dependencies can be read: {problem}; the generator needs the pins of {' and '.join(PINNED)}") from None
    lines = text.splitlines()
    return {match["name"]: (next((number for number, line in enumerate(lines, 1) if match[0] in line), 1), match["version"]) for match in found}


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _missing_names(root: Path) -> Iterator[str]:
    for package in READERS:
        for path in sorted((root / "cli" / package).glob("*.py")):
            for line, module, name in _imports(path):
                if not _is_there(module, name):
                    wanted = f"{module}.{name}" if name else module
                    yield (
                        f"{path.relative_to(root)}:{line}: {described()} has no {wanted}, which is read here; "
                        f"go back to the pin before, or bring this line and what follows from it in line with the new one; see {GUIDE}"
                    )


def _imports(path: Path) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found = [(node.module, alias.name) for alias in node.names]
        else:
            continue
        yield from ((node.lineno, module, name) for module, name in found if module.split(".")[0] in PINNED)


def _is_there(module: str, name: str) -> bool:
    try:
        found = importlib.import_module(module)
    except ImportError:
        return False
    return not name or hasattr(found, name)


def _typer_is_over_click() -> bool:
    return issubclass(importlib.import_module("typer.core").TyperGroup, importlib.import_module("click").Group)
