"""``conformance convert``: the results of a run in another format."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def command(
    results: Annotated[Path, typer.Argument(help="Results of a run: .harness/last/events.jsonl, or what --results or merge wrote.")],
    to: Annotated[str, typer.Option(help="results, junit, ctrf, summary, matrix, canonical or durations.")],
    out: Annotated[Path | None, typer.Option(help="File to write. Default: standard output.")] = None,
) -> None:
    """Write the results of a run in another format."""
    raise typer.Exit(convert(results, to, out))


def convert(results: Path, to: str, out: Path | None) -> int:
    """0 when it was written, 1 when it cannot be."""
    from harness.report import events
    from harness.report.files import print_text, write_text
    from harness.report.formats import FORMATS

    chosen = FORMATS.get(to)
    if chosen is None:
        near = difflib.get_close_matches(to, FORMATS, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ";"
        return _fail(f'--to: there is no format "{to}"{hint} Formats: {", ".join(FORMATS)}')
    try:
        run = events.read(results)
        if out is None:
            print_text(chosen.text(run))
        else:
            write_text(out, chosen.text(run))
    except events.EventsError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # The reader has seen enough; what Python still holds must not fail again when it is flushed at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _fail(f"{out or 'standard output'}: cannot be written: {error.strerror}")
    return 0


def _fail(text: str) -> int:
    typer.echo(f"error: {text}", err=True)
    return 1
