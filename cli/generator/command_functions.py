"""Whether each verb's command function is there and takes what the verb binds; read from its source, because importing it needs what is generated."""

from __future__ import annotations

import ast
from pathlib import Path

from cli.generator.model import Application, BuildError, Command


def check(application: Application, sources: Path) -> None:
    """Raises BuildError for the first verb whose work cannot be called; `sources` is the folder above the package."""
    for command in application.commands:
        if command.work is not None:
            _check(command, command.work.function, sources)


def _check(command: Command, function: str, sources: Path) -> None:
    module, _, name = function.partition(":")
    path = sources / (module.replace(".", "/") + ".py")
    here = f"{command.place}: {command.path}: the command function {function!r}"
    if not name or not path.is_file():
        raise BuildError(f"{here} is not there; write it into {path.name}, or name one as module:function in @verb(...)")
    defined = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.FunctionDef) and node.name == name]
    if not defined:
        raise BuildError(f"{here} is not there; write def {name}(session, ...) into {path.name}, or name another in @verb(...)")
    taken = [argument.arg for argument in defined[0].args.args]
    given = ["session", *(option.name for option in command.options if option.kind != "action")]
    if taken != given:
        raise BuildError(f"{here} takes ({', '.join(taken)}) and is called with ({', '.join(given)}); bring it in line ({path.name}:{defined[0].lineno})")
