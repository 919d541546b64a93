"""``conformance explain``: a page about a diagnostic code."""

from __future__ import annotations

from typing import Annotated

import typer


def command(code: Annotated[str, typer.Argument(help="A code such as H2107.")]) -> None:
    """Tell more about a diagnostic code.

    What it means, why it comes up, what to do, and the smallest thing that leads to it.
    """
    from harness.load.lint import explain_code

    raise typer.Exit(explain_code(code))
