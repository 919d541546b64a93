"""``conformance bench-engine``: how fast the engine is and how much memory it takes, beside other runners of command-line tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

ROOT: Final = Path(__file__).resolve().parents[2]


def command(
    out: Annotated[Path, typer.Option("--out", help="Folder of bench-engine.md and bench-engine.json.")] = ROOT / "reports" / "latest",
    seed: Annotated[int, typer.Option(help="Seed of the order in which commands are run; it stands in the report.")] = 1,
    scale: Annotated[float, typer.Option(min=0.0001, max=1.0, help="Part of every size, to try the benchmark itself; only the whole (1) is judged.")] = 1.0,
    source: Annotated[Path | None, typer.Option("--from", help="Measure nothing: make the page again from this bench-engine.json.")] = None,
    against: Annotated[Path | None, typer.Option("--against", help="Compare with an earlier bench-engine.json.")] = None,
) -> None:
    """Measure the scenario engine itself.

    Collecting, overhead, cells per second, memory, and the same cases in bats and prysk.

    Takes about ten minutes; nothing else should run on this machine. Exit 0 when every goal is reached, 1 when one is missed or nothing could be measured.
    """
    from harness.bench import file, page
    from harness.bench.session import measure, reproduce
    from harness.perf.errors import PerfError

    if source is not None and (seed, scale) != (1, 1.0):
        typer.echo("error: --from measures nothing, so --seed and --scale have no effect; leave them out", err=True)
        raise typer.Exit(1)
    try:
        # Read before anything is measured: a mistake in a path must not cost ten minutes.
        earlier = file.read(against) if against else None
        if source is not None:
            record = file.read(source)
            written = page.write_page(record, out, earlier)
        else:
            record = measure(ROOT, ROOT / ".cache", seed=seed, scale=scale, command=reproduce(seed, scale), say=typer.echo)
            written = page.write(record, out, earlier)
    except (PerfError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    for line in page.summary(record, earlier):
        typer.echo(line)
    typer.echo(f"report: {written}" + ("" if source else f" (and {written.with_suffix('.json').name})"))
    raise typer.Exit(0 if record.reached else 1)
