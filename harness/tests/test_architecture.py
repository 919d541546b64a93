"""The way from declaration to verdict reads in one direction, and every module can be held in the head."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What each package may import of the project. A package not named here is a mistake of this test.
ALLOWED: dict[str, set[str]] = {
    "harness.model": set(),
    "harness.faults": set(),
    "harness.whole": set(),
    "harness.strict_json": set(),
    "harness.artifacts": {"harness.strict_json", "harness.model"},
    "harness.load": {"harness.model", "harness.whole", "harness.verbs", "harness.compare", "harness.servers"},
    "harness.verbs": {"harness.model", "harness.load", "harness.compare"},
    "harness.compare": {"harness.faults", "harness.model", "harness.load"},
    "harness.normalise": {"harness.model"},
    "harness.transport": {"harness.faults", "harness.model"},
    "harness.servers": {"harness.strict_json", "harness.faults", "harness.model"},
    "harness.execute": {
        "harness.faults",
        "harness.model",
        "harness.whole",
        "harness.load",
        "harness.verbs",
        "harness.compare",
        "harness.normalise",
        "harness.transport",
        "harness.servers",
    },
    "harness.ledger": {"harness.model", "harness.load", "harness.compare"},
    "harness.perf": {"harness.strict_json", "harness.model", "harness.whole", "harness.artifacts", "harness.transport", "harness.servers"},
    "harness.marked": {
        "harness.faults",
        "harness.model",
        "harness.artifacts",
        "harness.load",
        "harness.verbs",
        "harness.execute",
        "harness.transport",
        "harness.perf",
    },
    "harness.startup": {
        "harness.strict_json",
        "harness.model",
        "harness.whole",
        "harness.artifacts",
        "harness.transport",
        "harness.servers",
        "harness.perf",
        "harness.report",
    },
    "harness.interface": {"harness.strict_json", "harness.report"},
    "harness.report": {"harness.strict_json", "harness.model", "harness.whole", "harness.artifacts", "harness.perf"},
    "harness.review": {"harness.strict_json", "harness.model", "harness.whole", "harness.compare"},
    "harness.replay": {
        "harness.strict_json",
        "harness.faults",
        "harness.model",
        "harness.whole",
        "harness.load",
        "harness.compare",
        "harness.normalise",
        "harness.execute",
        "harness.transport",
        "harness.servers",
    },
    "harness.perturb": {"harness.faults", "harness.execute"},
    "harness.coverage": {
        "harness.strict_json",
        "harness.model",
        "harness.load",
        "harness.verbs",
        "harness.compare",
        "harness.interface",
        "harness.report",
    },
    "harness.plugin": {
        "harness.faults",
        "harness.model",
        "harness.whole",
        "harness.artifacts",
        "harness.load",
        "harness.verbs",
        "harness.compare",
        "harness.execute",
        "harness.transport",
        "harness.ledger",
        "harness.normalise",
        "harness.review",
        "harness.replay",
        "harness.perturb",
        "harness.coverage",
        "harness.report",
        "harness.perf",
    },
    "harness.bootstrap": set(),
    "harness.commands": {"harness"},
    "harness.cli": {"harness", "cli.publish"},
    "harness.overhead": {"harness"},
    "harness.bench": {
        "harness.strict_json",
        "harness.perf",
        "harness.report",
        "harness.overhead",
    },
    "cli.declaration": {"omnirelay", "cli.generator"},
    "cli.generator": {"cli.declaration", "omnirelay"},
    "cli.publish": {"cli.generator"},
    "cli.equivalence": {"cli.declaration", "cli.generator", "cli.publish", "omnirelay"},
    "cli.publish.native.ask_answers": {"omnirelay"},
    "omnirelay": set(),
}
FOREIGN: dict[str, set[str]] = {
    "pytest": {"harness.plugin"},
    "typer": {"harness.cli", "harness.commands", "cli.declaration", "cli.generator", "cli.equivalence"},
    "click": {"cli.declaration", "cli.generator", "cli.equivalence"},
    "pyte": {"harness.execute"},
    "cryptography": {"harness.servers"},
}
"""Packages of others that only some of ours may import."""

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50


def modules() -> Iterator[tuple[str, Path]]:
    for top, base in (
        ("harness", ROOT),
        ("cli/declaration", ROOT),
        ("cli/generator", ROOT),
        ("cli/publish", ROOT),
        ("cli/equivalence", ROOT),
        ("cli/omnirelay", ROOT / "cli"),
    ):
        for path in sorted((ROOT / top).rglob("*.py")):
            relative = path.relative_to(base)
            if "tests" in relative.parts or "_generated" in relative.parts:
                continue
            yield ".".join(relative.with_suffix("").parts), path


def owner(module: str) -> str:
    candidates = [name for name in ALLOWED if module == name or module.startswith(name + ".")]
    return max(candidates, key=len, default="")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MODULES = list(modules())


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_imports_follow_the_arrow(module: str, path: Path) -> None:
    package = owner(module)
    if module in {"harness.__init__", "cli.__init__"}:
        assert list(imported(path)) in ([], ["__future__.annotations"])
        return
    assert package, f"{module} belongs to no known package"
    wrong = []
    for name in imported(path):
        if name.split(".")[0] in {"harness", "cli", "omnirelay"}:
            target = owner(name) or name
            if target != package and not any(target == allowed or target.startswith(allowed + ".") for allowed in ALLOWED[package]):
                wrong.append(name)
        elif name.split(".")[0] in FOREIGN and package not in FOREIGN[name.split(".")[0]]:
            wrong.append(name)
    assert not wrong, f"{module} must not import {', '.join(wrong)}"


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_modules_and_functions_stay_small(module: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_MODULE, f"{module} has {text.count(chr(10))} lines"
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long, f"{module}: {', '.join(long)}"
