"""``conformance coverage``: what no scenario exercises of a program's surface.

Exit codes: 0 all well, 1 below the floor or a file that cannot be used, 2 a command line that is not understood.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from harness.coverage.exercise import Exercised
    from harness.coverage.measure import Sources

ROOT: Final = Path(__file__).resolve().parents[2]
INTERFACE: Final = ROOT / "docs" / "reference" / "omnirelay.json"
TEXTS: Final = ROOT / "docs" / "reference" / "error-texts.json"
FLOOR: Final = ROOT / "reports" / "coverage-floor.toml"
SCENARIOS: Final = ROOT / "scenarios"
LAST: Final = ROOT / ".harness" / "last"


def sources() -> Sources:
    """The files that describe the surface of omnirelay."""
    from harness.coverage.measure import Sources

    return Sources(INTERFACE, TEXTS, FLOOR)


def looked_at(run: Path, scenarios: Path = SCENARIOS, *, files: bool = False) -> Exercised:
    """What a run did; what the scenario files say where there was none, or when that is asked for."""
    from harness.coverage.declared import declared
    from harness.coverage.exercise import NAME, read

    if files or not (run / NAME).exists():
        return declared(scenarios, scenarios.parent / "snapshots")
    return read(run / NAME)


class Format(StrEnum):
    """How coverage is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    interface: Annotated[Path, typer.Option(help="The program's interface, as omnirelay.json describes it.")] = INTERFACE,
    texts: Annotated[Path | None, typer.Option("--errors", help="The program's error texts. Default: those of omnirelay, for its own interface.")] = None,
    floor: Annotated[Path | None, typer.Option(help="The committed floor. Default: that of omnirelay, for its own interface.")] = None,
    run: Annotated[Path, typer.Option(help="Folder of the run that is looked at.")] = LAST,
    scenarios: Annotated[Path, typer.Option(help="Scenario tree, looked at when there was no run; goldens lie beside it.")] = SCENARIOS,
    files: Annotated[bool, typer.Option("--files", help="Look at the scenario files, whatever was run.")] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
    check: Annotated[bool, typer.Option("--check", help="Fail below the floor; only a run of the whole suite counts.")] = False,
    raise_floor: Annotated[bool, typer.Option("--raise-floor", help="Write what has risen into the floor's file.")] = False,
) -> None:
    """Say what of the interface no scenario exercises.

    Commands, options, values, exit codes and error texts.

    Reads what the last run really did, or what the scenario files say where there was none.
    """
    if check and raise_floor:
        raise typer.BadParameter("give --check or --raise-floor, not both")
    from harness.coverage.errors import CoverageError
    from harness.coverage.floor import raise_to
    from harness.coverage.measure import Sources, measure
    from harness.coverage.render import RENDERERS

    own = interface == INTERFACE
    described = Sources(interface, texts or (TEXTS if own else None), floor or (FLOOR if own else None))
    try:
        coverage = measure(described, looked_at(run, scenarios, files=files))
        if (check or raise_floor) and not coverage.whole:
            raise CoverageError(f"this is {coverage.source}, and only a run of the whole suite can be held against the floor; run: conformance run")
        shares = {kind: count.share for kind, count in coverage.kinds.items()}
        risen = raise_to(described.floor, coverage.floor, shares) if raise_floor and described.floor else ()
    except CoverageError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(RENDERERS[output.value](coverage), nl=False)
    for line in risen:
        typer.echo(f"floor raised: {line}", err=True)
    if coverage.above and coverage.whole and not raise_floor:
        typer.echo(f"above the floor: {', '.join(coverage.above)}; conformance coverage --raise-floor keeps it", err=True)
    for line in coverage.below if coverage.whole else ():
        typer.echo(f"{'error' if check else 'warning'}: {line}; write the scenarios that are named above", err=True)
    raise typer.Exit(1 if check and coverage.below else 0)
