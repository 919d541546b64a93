"""``conformance new``: a first scenario to change."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from harness.commands.roots import SCENARIOS, Root

if TYPE_CHECKING:
    from harness.load.starter import Seen

_ARGUMENTS: Final = ("--help",)
"""Most programs answer it; whatever another one does, that is what is expected of it then."""
_SECONDS: Final = 10.0
_OUTPUT: Final = 1024 * 1024


def command(
    name: Annotated[str, typer.Argument(metavar="TIER/AREA/NAME", help="The id of the scenario, such as feature/upgrade/drain-twice.")],
    title: Annotated[str | None, typer.Option(help="What holds, in one sentence.")] = None,
    program: Annotated[str | None, typer.Option(help="Path or name of any program: it is run once with --help, and the scenario expects what it did.")] = None,
    scenarios: Root = SCENARIOS,
) -> None:
    """Write a small scenario that passes lint.

    It says how to run it. The tier decides what it shows: unit runs the program alone, the others talk to the control plane. With --program it is about
    that program alone.
    """
    from harness.faults import HarnessFault
    from harness.load.starter import start

    try:
        seen = None if program is None else _look(program)
    except HarnessFault as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(start(name, title, scenarios, seen))


def _look(program: str) -> Seen:
    """What the program does in a sandbox like that of a cell; a ``HarnessFault`` when nothing can be expected of that."""
    from harness.execute.process import LocalSpawner, ProcessSpec
    from harness.execute.sandbox import SandboxRoot
    from harness.faults import SpawnFault
    from harness.load.starter import Seen
    from harness.model.artifact import Artifact
    from harness.normalise.registry import normalise
    from harness.normalise.subject import Subject

    found = shutil.which(program)
    if found is None:
        raise SpawnFault(f"{program or 'an empty name'} is no program that can be started; give its path")
    path = Path(os.path.abspath(found))  # noqa: PTH100 - a link stays one: programs look at the name under which they are started
    with SandboxRoot.create() as sandboxes, sandboxes.cell() as sandbox:
        end = LocalSpawner().run(ProcessSpec((str(path), *_ARGUMENTS), sandbox.environment(), sandbox.work, _SECONDS, _OUTPUT))
        shown = f"{program} {' '.join(_ARGUMENTS)}"
        if end.timed_out:
            raise SpawnFault(f"`{shown}` did not end within {_SECONDS:.0f} s; write the first scenario by hand")
        if end.exit.code is None or end.cut:
            raise SpawnFault(f"`{shown}` ended with {end.exit} or printed more than {_OUTPUT >> 20} MiB; write the first scenario by hand")
        subject = Subject(Artifact("program-any", "program", "any", path, "", 0, ""), sandbox.work, sandbox.home, sandbox.tmp, {}, _ARGUMENTS)
        try:
            texts = [normalise(raw.decode("utf-8"), subject) for raw in (end.stdout, end.stderr)]
        except UnicodeDecodeError:
            raise SpawnFault(f"`{shown}` prints what is not UTF-8; write the first scenario by hand") from None
    return Seen(_ARGUMENTS, end.exit.code, *texts)
