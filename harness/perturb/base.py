"""What a perturbation is: one value, made of small functions, that the engine asks at four places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.execute.spawner import ProcessSpec

Environment = Mapping[str, str]


def _nothing_to_prepare(workshop: Path) -> str:
    return ""


def _same_environment(environment: Environment, workshop: Path) -> Environment:
    return environment


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One way in which circumstances may differ from those that goldens were recorded in."""

    name: str
    changes: str
    """What is changed, as the list of perturbations shows it."""
    excuses: str
    """What may legitimately differ from the scenario then."""
    process: Callable[[ProcessSpec, Environment], ProcessSpec | None]
    """The process as it is really started, given the environment that every process of the cell begins with; None when it is not touched at all.

    A cell of which no process was touched proves nothing about the perturbation, and is reported so.
    """
    prepare: Callable[[Path], str] = _nothing_to_prepare
    """Make what it needs in a folder that runs share, and see that it works here; why it cannot be had, else nothing. May be called many times."""
    environment: Callable[[Environment, Path], Environment] = _same_environment
    """The environment that a cell begins with, before the scenario has its say."""
    folder: str = ""
    """The name of the folder in which the sandboxes lie; nothing for the usual one."""
    lenient: Callable[[str], str] | None = None
    """Applied to both sides of a comparison that does not hold as it stands."""


def where_set(name: str) -> Callable[[ProcessSpec, Environment], ProcessSpec | None]:
    """Touches the processes that find an environment variable as the perturbation has set it, which the scenario may have overruled."""

    def process(spec: ProcessSpec, basis: Environment) -> ProcessSpec | None:
        return spec if spec.env.get(name) == basis[name] else None

    return process
