"""Where the scenario tree of this checkout is, for every command that works on one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

SCENARIOS: Final = Path(__file__).resolve().parents[2] / "scenarios"
Root = Annotated[Path, typer.Option("--scenarios", help="Root of the scenario tree.")]
