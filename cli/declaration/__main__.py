"""The reflective kind: the same program, parsed by Typer at run time. For development and as the reference of the parser.

Exit codes are those of the shipped program: usage errors, for which Typer has 2, end with 1.
"""

from __future__ import annotations

import importlib
import signal
import sys

import click
import typer.main

from cli.declaration.application import app
from cli.declaration.marks import Bound, Requested
from omnirelay import system
from omnirelay.__main__ import guarded
from omnirelay.session import Session

PROGRAM = "omnirelay"


def run(argv: list[str]) -> int:
    """What `omnirelay.__main__.run` does, by way of Typer."""
    session = Session("reflective", "")
    return guarded(session, lambda: _dispatch(session, argv))


def _dispatch(session: Session, argv: list[str]) -> int:
    command = typer.main.get_command(app)
    try:
        # An empty completion variable switches Click's own completion off, which the shipped program has not.
        result = command.main(argv, prog_name=PROGRAM, standalone_mode=False, complete_var="")
    except Requested as request:
        return _answer(session, request.action)
    except click.ClickException as refusal:
        refusal.show()
        return 1
    if isinstance(result, Bound):
        module, _, name = result.verb.function.partition(":")
        function = getattr(importlib.import_module(module), name)
        return int(function(session, **result.values))
    return int(result or 0)


def _answer(session: Session, action: str) -> int:
    if action == "version":
        session.out(session.version + "\n")
        return 0
    from cli.generator.reading import read_application
    from omnirelay.commands.artifact_info import text

    session.parser_hash = read_application().digest()
    session.out(text(session))
    return 0


def main() -> None:
    """The entry of `python -m cli.declaration`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    system.leave(code)


if __name__ == "__main__":
    main()
