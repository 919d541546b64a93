"""A reader that cannot keep up: pipes of one page, emptied a few hundred bytes at a time, so that the program has to wait in the middle of a write."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.execute.spawner import Pipes, ProcessSpec
from harness.perturb.base import Environment, Perturbation

PIPES: Final = Pipes(size=4096, chunk=997, pause=0.0002)
"""The smallest that Linux has; the chunk is odd, so that characters of several bytes are cut."""


def _slow(spec: ProcessSpec, basis: Environment) -> ProcessSpec | None:
    return None if spec.terminal is not None else replace(spec, pipes=PIPES)


SLOW_PIPE: Final = Perturbation(
    name="slow-pipe",
    changes=f"output goes through pipes of {PIPES.size} bytes and is read {PIPES.chunk} bytes at a time, slowly",
    excuses="how long it takes",
    process=_slow,
)
