"""The Typer twin: the application as declared, the reference of all parsers. It is what the reflective kind runs."""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Callable
from typing import Any

import click
import typer.main
from click.core import ParameterSource

from cli.declaration.application import app
from cli.declaration.marks import Bound, Requested
from cli.equivalence.streams import Recorder, sent
from cli.equivalence.surroundings import Surroundings
from cli.equivalence.vector import STDERR, STDOUT, Seen, Vector

PROGRAM = "omnirelay"


class _Stream(io.StringIO):
    """A standard stream that keeps what is written and may be a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Twin:
    """The application; remembers in which context a verb was called, because value sources stand there."""

    name = "Typer twin"

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.command = typer.main.get_command(app)
        self.context: click.Context | None = None
        self._watch(self.command)

    def _watch(self, command: click.Command) -> None:
        if isinstance(command, click.Group):
            for child in command.commands.values():
                self._watch(child)
        elif command.callback is not None:
            command.callback = self._watched(command.callback)

    def _watched(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        def call(**values: Any) -> Any:
            self.context = click.get_current_context()
            return callback(**values)

        return call

    def look(self, vector: Vector) -> Seen:
        """What Typer makes of `vector`."""
        self.surroundings.set(vector)
        out, err = _Stream(STDOUT in vector.terminals), _Stream(STDERR in vector.terminals)
        result: object = None
        code = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                result = self.command.main(list(vector.words), prog_name=PROGRAM, standalone_mode=False, complete_var="")
            except Requested as request:
                return Seen(request.action)
            except click.ClickException as refusal:
                refusal.show()
                code = 1
        if isinstance(result, Bound):
            return self._bound(result)
        return Seen("answer", stdout=sent(out.getvalue()), stderr=sent(err.getvalue()), code=code)

    def _bound(self, result: Bound) -> Seen:
        context = self.context
        if context is None:
            raise AssertionError("a verb was bound outside of any context")
        given = []
        for name in sorted(result.values):
            source = context.get_parameter_source(name)
            if source is ParameterSource.COMMANDLINE:
                given.append(name)
            elif source is not ParameterSource.DEFAULT:
                raise AssertionError(f"{context.command_path}: the value of {name} comes from {source}, which the model does not know")
        recorder = Recorder()
        code = 0
        if result.verb.gear == "front":
            module, _, function = result.verb.function.partition(":")
            code = int(getattr(importlib.import_module(module), function)(recorder, **result.values))
        return Seen("run", context.command_path, tuple(sorted(result.values.items())), tuple(given), recorder.stdout, recorder.stderr, code)
