"""Neither the engine nor the plugin knows the program that this checkout happens to test."""

from __future__ import annotations

from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("layer", ["model", "load", "verbs", "execute", "transport", "normalise", "compare", "ledger", "plugin"])
def test_nobody_knows_the_program(layer: str) -> None:
    modules = sorted((HARNESS / layer).rglob("*.py"))
    assert modules
    assert [path.name for path in modules if "omnirelay" in path.read_text("utf-8").lower()] == []
