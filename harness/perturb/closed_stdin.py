"""No standard input at all: descriptor 0 is closed, so the next file that the program opens becomes it.

Programs that get input from their scenario, or a terminal, keep theirs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.execute.spawner import ProcessSpec
from harness.perturb.base import Environment, Perturbation


def _closed(spec: ProcessSpec, basis: Environment) -> ProcessSpec | None:
    return None if spec.stdin is not None or spec.terminal is not None else replace(spec, closed_stdin=True)


CLOSED_STDIN: Final = Perturbation(
    name="closed-stdin",
    changes="descriptor 0 is closed in place of an empty file",
    excuses="nothing",
    process=_closed,
)
