"""``conformance new``: a first scenario to change."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.commands.roots import SCENARIOS, Root


def command(
    name: Annotated[str, typer.Argument(metavar="TIER/AREA/NAME", help="The id of the scenario, such as feature/upgrade/drain-twice.")],
    title: Annotated[str | None, typer.Option(help="What holds, in one sentence.")] = None,
    scenarios: Root = SCENARIOS,
) -> None:
    """Write a small scenario that passes lint, and say how to run it.

    The tier decides what it shows: unit runs the program alone, the others talk to the control plane.
    """
    from harness.load.starter import start

    raise typer.Exit(start(name, title, scenarios))
