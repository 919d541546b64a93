"""`omnirelay explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.declaration.marks import verb
from cli.declaration.options import TextFormat, TextOrJson

Words = Annotated[list[str] | None, typer.Argument(help="The arguments to explain; put -- before them.")]


@verb("omnirelay.commands.explain:run", gear="front")
def explain(words: Words = None, output: TextFormat = TextOrJson.TEXT) -> None:
    """Show how a command line is read, without running it.

    For each word what it was taken for, for each parameter its value and where it came from; or why the command line
    would be refused, and the exit code.
    """
