"""``conformance interface-diff``: what changed between two interfaces, and whether a script may break.

Exit codes: 0 nothing breaks (or all of it is announced in the changelog that is given), 1 something does, 2 a file that cannot be used or a command line
that is not understood.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How changes are printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    old: Annotated[Path, typer.Argument(help="omnirelay.json of the earlier version.")],
    new: Annotated[Path, typer.Argument(help="omnirelay.json of the later version.")],
    output: Annotated[Format, typer.Option("--format", help="How to print the changes.")] = Format.TEXT,
    changelog: Annotated[Path | None, typer.Option(help="A changelog; what its Unreleased part announces as breaking is no failure.")] = None,
) -> None:
    """Say what changed between two interfaces.

    Each change is breaking, added or text only.
    """
    from harness.interface.changelog import demand, unannounced
    from harness.interface.diff import BREAKING, compare
    from harness.interface.model import InterfaceError, read
    from harness.interface.render import RENDERERS

    try:
        changes = compare(read(old), read(new))
        announced = changelog.read_text(encoding="utf-8") if changelog is not None else None
    except (InterfaceError, OSError, UnicodeDecodeError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(RENDERERS[output.value](changes), nl=False)
    missing = unannounced(changes, announced) if announced is not None else tuple(change for change in changes if change.kind == BREAKING)
    if missing and announced is not None:
        typer.echo(demand(missing), nl=False, err=True)
    raise typer.Exit(1 if missing else 0)
