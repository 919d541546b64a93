"""``conformance merge``: the results of all shards as the results of one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer


def command(
    results: Annotated[list[Path], typer.Argument(help="The results file of every shard.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
) -> None:
    """Put the results of all shards together.

    Exit 0 only if the whole run is there and nothing in it failed.
    """
    raise typer.Exit(merge_files(results, out))


def merge_files(results: Sequence[Path], out: Path) -> int:
    """Write the whole run to ``out``; 0 when it is green, 1 when it is red or the files are not the shards of one run."""
    from harness.report import events
    from harness.report.files import write_text
    from harness.report.merge import MergeError, Part, merge
    from harness.report.wording import TITLES

    for path in results:
        if out.exists() and out.samefile(path):
            return _fail(f"{out}: is one of the shards, which would be lost; name another file with --out")
    try:
        run = merge([Part(str(path), events.read(path)) for path in results])
        write_text(out, events.lines(run))
    except (events.EventsError, MergeError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{out}: cannot be written: {error.strerror}")
    counts = ", ".join(f"{count} {TITLES[word]}" for word, count in run.shown.items() if count) or "no cells"
    typer.echo(f"merged {len(results)} shards into {out}: {counts}")
    for row in run.problems:
        _say(f"problem: {row.what}: {row.why}")
    return 1 if run.red else 0


def _fail(text: str) -> int:
    _say(f"error: {text}")
    return 1


def _say(text: str) -> None:
    # What a file or a program is called need not be text.
    typer.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)
