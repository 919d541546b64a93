"""``conformance lint``: what is wrong with scenario files, without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.roots import SCENARIOS, Root


def command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Scenario files or folders. Default: the whole tree.")] = None,
    scenarios: Root = SCENARIOS,
) -> None:
    """Check scenario files without running anything."""
    from harness.load.lint import lint

    raise typer.Exit(lint(paths or [], scenarios))
