"""``conformance startup``: take or check the start-up ledger.

Exit codes: 0 nothing has grown, 1 something has (or cannot be measured), 2 a command line that is not understood.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

ROOT: Final = Path(__file__).resolve().parents[2]
PLAN: Final = ROOT / "scenarios" / "startup.toml"
LEDGER: Final = ROOT / "reports" / "startup-ledger.json"
MANIFEST: Final = ROOT / "dist" / "artifacts.json"


def command(
    artifacts: Annotated[list[str] | None, typer.Argument(help="Artifact ids. Default: all that are published for this host.")] = None,
    run: Annotated[list[str] | None, typer.Option("--run", help="Id of a run in the plan; may be repeated.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Write what is measured into the ledger.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare with the ledger (the default).")] = False,
    bounded: Annotated[bool, typer.Option("--bounded", help="Only what make test checks: all runs of the reference artifact, some of the others.")] = False,
    ledger: Annotated[Path, typer.Option(help="The committed ledger.")] = LEDGER,
    plan: Annotated[Path, typer.Option(help="The runs to measure.")] = PLAN,
    manifest: Annotated[Path, typer.Option("--artifacts", help="The list of published artifacts.")] = MANIFEST,
) -> None:
    """Count what each verb costs to start.

    Instructions, system calls, files, modules.

    Compares with reports/startup-ledger.json and fails when something grew by more than two per cent, naming what.
    """
    if update and check:
        raise typer.BadParameter("give --update or --check, not both")
    from harness.artifacts import ArtifactError
    from harness.startup.errors import StartupError
    from harness.startup.session import Wanted, take

    try:
        code = take(ROOT, plan, manifest, ledger, Wanted(tuple(artifacts or ()), tuple(run or ()), bounded), update=update, say=typer.echo)
    except (StartupError, ArtifactError) as error:
        typer.echo(f"error: {error}", err=True)
        code = 1
    raise typer.Exit(code)
