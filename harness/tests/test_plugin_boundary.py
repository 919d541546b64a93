"""Neither the engine nor the plugin knows the program that this checkout happens to test, and the plugin loads no library that most runs do not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parent.parent
LATE = {
    "ctypes.util",
    "http.client",
    "hypothesis",
    "jinja2",
    "jsonschema",
    "markupsafe",
    "pyte",
    "referencing",
    "sqlite3",
    "typer",
    "urllib.request",
    "uvicorn",
    "xml.sax",
}
"""Loaded where they are used: every process of every run would pay for them, and a run with two workers has three."""


@pytest.mark.parametrize("layer", ["model", "load", "verbs", "execute", "transport", "normalise", "compare", "ledger", "plugin"])
def test_nobody_knows_the_program(layer: str) -> None:
    modules = sorted((HARNESS / layer).rglob("*.py"))
    assert modules
    assert [path.name for path in modules if "omnirelay" in path.read_text("utf-8").lower()] == []


def test_the_plugin_starts_without_what_most_runs_do_not_need() -> None:
    script = "import json, sys, pytest; before = set(sys.modules); import harness.plugin; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert sorted(LATE.intersection(json.loads(done.stdout))) == []
