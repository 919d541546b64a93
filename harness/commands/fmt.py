"""``conformance fmt``: the order and the spacing of scenario files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.roots import SCENARIOS, Root


def command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Scenario files or folders. Default: the whole tree with its _lib/.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is not laid out.")] = False,
    scenarios: Root = SCENARIOS,
) -> None:
    """Lay out scenario files: order of keys, spacing.

    Comments stay where they belong, and what a file says is never changed. A file with mistakes of syntax is left alone and named.
    """
    from harness.load.layout.files import lay_out

    raise typer.Exit(lay_out(paths or [], scenarios, check=check))
