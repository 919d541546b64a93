"""`omnirelay introspect`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.declaration.marks import verb
from cli.declaration.options import Timeout
from omnirelay import defaults

Url = Annotated[str, typer.Option("--url", help="Address of the dispatcher's introspection endpoint.")]
Format = Annotated[str, typer.Option("--format", help="text (or summary), or json (or raw); any case.")]


@verb("omnirelay.commands.introspection:run")
def introspect(
    url: Url = defaults.INTROSPECT_URL,
    output: Format = "text",
    timeout: Timeout = defaults.TIMEOUT,
) -> None:
    """Show what a dispatcher serves, calls and runs."""
