"""The arrow of the engine: what a layer may import. It never knows pytest, the program under test, or the plugin above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parents[1]
ENGINE = ("model", "load", "verbs", "compare", "normalise", "transport", "execute", "ledger")
FOREIGN = {"pytest", "_pytest", "syrupy", "xdist", "omnirelay", "cli"}
ABOVE = {"harness.plugin", "harness.report", "harness.perf", "harness.cli"}
FORBIDDEN = {
    "model": ABOVE | {f"harness.{layer}" for layer in ENGINE if layer != "model"},
    "normalise": ABOVE | {"harness.execute", "harness.ledger", "harness.compare", "harness.load", "harness.verbs"},
    "transport": ABOVE | {"harness.execute", "harness.ledger", "harness.compare", "harness.load", "harness.verbs"},
    "compare": ABOVE | {"harness.execute", "harness.ledger", "harness.verbs"},
    "verbs": ABOVE | {"harness.execute", "harness.ledger"},
    "load": ABOVE | {"harness.execute", "harness.ledger"},
    "execute": ABOVE | {"harness.ledger"},
    "ledger": ABOVE | {"harness.execute"},
}


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("layer", ENGINE)
def test_a_layer_imports_nothing_from_above_it(layer: str) -> None:
    files = sorted((HARNESS / layer).rglob("*.py"))
    assert files
    for path in files:
        names = imports(path)
        assert not {name for name in names if name.split(".")[0] in FOREIGN}, path
        assert not {name for name in names if any(name == above or name.startswith(f"{above}.") for above in FORBIDDEN[layer])}, path
