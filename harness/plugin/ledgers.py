"""The ledger of known differences that belongs to a scenario tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.ledger.entries import Ledger
from harness.ledger.reader import read_ledger
from harness.load.errors import ScenarioError
from harness.load.render import render_all

NAME = "expectations.toml"


def load_ledger(scenarios: Path) -> Ledger:
    """Empty when there is none. A ledger with mistakes stops the run: without it, no verdict could be trusted."""
    path = scenarios / NAME
    if not path.exists():
        return Ledger(())
    try:
        return read_ledger(path)
    except ScenarioError as error:
        raise pytest.UsageError(f"the ledger of known differences cannot be used\n{render_all(error.diagnostics)}") from None
