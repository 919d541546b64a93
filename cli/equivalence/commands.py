"""The commands of `python -m cli.equivalence`: record or check the corpus, fuzz the parsers, run the C front under sanitizers, write scenarios.

Exit code 0 when everything agrees, 1 otherwise.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.equivalence import cells, corpus, fuzz, parsers, processes, sanitized, windows
from cli.equivalence.coverage import fuzz_front
from cli.publish.cache import write_atomically

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Prove that all parsers of the command line are one.")


@app.command("record")
def record_command(check: Annotated[bool, typer.Option("--check", help="Compare with what is there instead of writing.")] = False) -> None:
    """Ask the Typer twin about every vector of the catalogue and keep the answers, with the sample scenarios made from them."""
    records = parsers.record()
    files = {parsers.CORPUS: corpus.dump(records), **cells.sample(records)}
    if check:
        wrong = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        wrong += [path for path in cells.written() if path not in files]
        for path in wrong:
            sys.stderr.write(f"error: {path.relative_to(parsers.ROOT)} differs from what the Typer twin answers; run python -m cli.equivalence record\n")
        raise typer.Exit(1 if wrong else 0)
    for path in cells.written():
        if path not in files:
            path.unlink()
    for path, text in files.items():
        write_atomically(path, text.encode())
    sys.stdout.write(f"recorded {len(records):,} vectors\n")


@app.command("fuzz")
def fuzz_command(
    vectors: Annotated[int, typer.Option(min=1, help="How many vectors.")] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=1, help="Time after which no more are begun.")] = 3600,
    seed: Annotated[int | None, typer.Option(help="What fixes the vectors (default: another one each time; it is printed).")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
) -> None:
    """Put random vectors through all three parsers."""
    raise typer.Exit(fuzz.run(vectors, seconds, int.from_bytes(os.urandom(4)) if seed is None else seed, workers))


@app.command("sanitize")
def sanitize_command() -> None:
    """Run the corpus through the C front under AddressSanitizer and UndefinedBehaviorSanitizer."""
    raise typer.Exit(sanitized.run(corpus.load(parsers.CORPUS)))


@app.command("libfuzzer")
def libfuzzer_command(
    seconds: Annotated[int, typer.Option(min=1, help="How long to run.")] = 120,
    seed: Annotated[int, typer.Option(min=1, help="What fixes the mutations.")] = 1,
) -> None:
    """Fuzz the C front with libFuzzer, guided by coverage, seeded with the corpus."""
    raise typer.Exit(fuzz_front([record.vector for record in corpus.load(parsers.CORPUS)], seconds, seed))


@app.command("processes")
def processes_command(
    artifacts: Annotated[Path, typer.Option(help="The list of published artifacts.")] = parsers.ROOT / "dist" / "artifacts.json",
) -> None:
    """Run the vectors that no scenario can state as processes of every artifact: on terminals, with bytes that are no text."""
    raise typer.Exit(processes.run(corpus.load(parsers.CORPUS), artifacts))


@app.command("windows")
def windows_command() -> None:
    """Build the C front for Windows and run it with wine: the corpus, and command lines that others would expand."""
    raise typer.Exit(windows.run(corpus.load(parsers.CORPUS)))


@app.command("scenarios")
def scenarios_command(place: Annotated[Path, typer.Argument(help="Directory for the scenario tree; it is made anew.")]) -> None:
    """Write every vector of the corpus that a process can be given as a case of a scenario."""
    count, files, left = cells.write_all(corpus.load(parsers.CORPUS), place)
    sys.stdout.write(f"wrote {count:,} vectors as cases of {files} scenarios to {place}; {left:,} are left to: python -m cli.equivalence processes\n")
