"""As a scheduler or a CI job starts a program: no terminal, ``TERM=dumb``, and nobody who says how wide a line may be.

Scenarios have pipes in place of terminals anyway, and no controlling terminal; what this takes away is the width. Programs that a scenario
gives a terminal keep it, because that is what these scenarios are about.
"""

from __future__ import annotations

from typing import Final

from harness.execute.spawner import ProcessSpec
from harness.perturb.base import Environment, Perturbation


def _bare(environment: Environment) -> Environment:
    return {**{name: value for name, value in environment.items() if name != "COLUMNS"}, "TERM": "dumb"}


def _process(spec: ProcessSpec, basis: Environment) -> ProcessSpec | None:
    return spec if spec.terminal is None and "COLUMNS" not in spec.env else None


NO_TTY: Final = Perturbation(
    name="no-tty",
    changes="TERM=dumb and no COLUMNS, as a scheduler or a CI job starts a program",
    excuses="nothing",
    environment=lambda environment, workshop: _bare(environment),
    process=_process,
)
