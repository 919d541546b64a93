"""The reflective kind: the same program, parsed by Typer at run time. For development and as the reference of the parser.

Exit codes are those of the shipped program: usage errors, for which Typer has 2, end with 1.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import signal
import sys

import click
import typer.main

from cli.declaration.application import app
from cli.declaration.marks import Bound, Requested
from omnirelay import system
from omnirelay.invocation import guarded
from omnirelay.session import Session

PROGRAM = "omnirelay"


def run(argv: list[str]) -> int:
    """What `omnirelay.__main__.run` does, by way of Typer."""
    session = Session("reflective", "")
    return guarded(session, lambda: _dispatch(session, argv))


def _dispatch(session: Session, argv: list[str]) -> int:
    command = typer.main.get_command(app)
    # What Click prints is kept and written as everything else is, so that a stream that cannot be written is told in the same words.
    page = io.StringIO()
    try:
        # An empty completion variable switches Click's own completion off, which the shipped program has not.
        with contextlib.redirect_stdout(page):
            result = command.main(argv, prog_name=PROGRAM, standalone_mode=False, complete_var="")
    except Requested as request:
        return _answer(session, request.action)
    except click.ClickException as refusal:
        # Where standard error is closed, Click would write to standard output instead.
        if sys.stderr is not None:
            refusal.show()
        return 1
    if isinstance(result, Bound):
        module, _, name = result.verb.function.partition(":")
        function = getattr(importlib.import_module(module), name)
        return int(function(session, **result.values))
    session.out(page.getvalue())
    return int(result or 0)


def _answer(session: Session, action: str) -> int:
    if action == "version":
        session.out(session.version + "\n")
        return 0
    from cli.generator.reading import read_application
    from omnirelay.commands.artifact_info import text

    session.parser_hash = read_application().digest()
    session.out(text(session, sys.version.split(" ", 1)[0]))
    return 0


def main() -> None:
    """The entry of `python -m cli.declaration`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)
    system.leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
