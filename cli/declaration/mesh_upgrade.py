"""`omnirelay mesh upgrade …`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.declaration.marks import verb
from cli.declaration.options import Json, TextFormat, TextOrJson, Timeout, Url, group
from omnirelay import defaults

upgrade = group("Drain and resume a node.")


@upgrade.command("status", short_help="Show the drain state of a node.")
@verb("omnirelay.commands.upgrade_verbs:status")
def status(
    url: Url = defaults.URL,
    output: TextFormat = TextOrJson.TEXT,
    as_json: Json = False,
    timeout: Timeout = defaults.TIMEOUT,
) -> None:
    """Show the drain state of a node and of each of its participants."""


@upgrade.command("drain", short_help="Take a node out of service.")
@verb("omnirelay.commands.upgrade_verbs:drain")
def drain(
    url: Url = defaults.URL,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for whoever looks at the status.")] = None,
    output: TextFormat = TextOrJson.TEXT,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the request and send nothing.")] = False,
    timeout: Timeout = defaults.TIMEOUT,
) -> None:
    """Take a node out of service and wait until all of its participants have drained.

    The time limit bounds the whole drain: when it strikes, the connection is dropped, which cancels the drain. On a
    terminal you are asked for confirmation first.
    """


@upgrade.command("resume", short_help="Take a node back into service.")
@verb("omnirelay.commands.upgrade_verbs:resume")
def resume(
    url: Url = defaults.URL,
    output: TextFormat = TextOrJson.TEXT,
    timeout: Timeout = defaults.TIMEOUT,
) -> None:
    """Take a drained node back into service."""
