"""A page with the words of every kind of usage error, taken from Typer itself: a new version that words one differently shows here."""

from __future__ import annotations

import os

import click
import typer.main

from cli.declaration.application import app
from cli.declaration.marks import Requested
from cli.generator.emit_reference import NOTE
from cli.generator.model import Application, BuildError
from cli.generator.refusing import PROGRAM

SAMPLES = (
    "mesh peer",
    "mesh zzz",
    "mesh --",
    "--bogus",
    "mesh peers list --forma json",
    "mesh upgrade drain --re x",
    "mesh upgrade drain -q",
    "mesh peers list --url",
    "mesh peers list -u",
    "mesh upgrade status --json=1",
    "mesh peers list --format xml",
    "mesh shards list --page-size many",
    "mesh shards list --page-size 10 --status",
    "mesh peers list now",
    "mesh peers list now or never",
    "explain --format",
)
_WIDTH = 80


def emit(application: Application) -> dict[str, str]:
    """File name → content."""
    # Typer words no error from the model; what it says must not follow the terminal of whoever runs the generator.
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(_WIDTH)
    try:
        blocks = [f"```\n$ {PROGRAM} {words}\n{_refusal(words)}```\n" for words in SAMPLES]
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before
    text = "Each is printed on standard error and ends with exit code 1.\n\n"
    return {"usage-errors.md": f"{NOTE}# Usage errors\n\n{text}" + "\n".join(blocks)}


def _refusal(words: str) -> str:
    try:
        typer.main.get_command(app).main(words.split(" "), prog_name=PROGRAM, standalone_mode=False, complete_var="")
    except click.UsageError as refusal:
        context = refusal.ctx
        usage = "" if context is None else f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n\n"
        return f"{usage}Error: {refusal.format_message()}\n"
    except Requested as request:
        raise BuildError(f"the sample {words!r} of a usage error asks for {request.action}; drop it") from None
    raise BuildError(f"the sample {words!r} of a usage error is not refused any more; replace it in cli/generator/emit_usage_errors.py")
