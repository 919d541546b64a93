"""How values flow between the runs and steps of a scenario: what is gathered over runs, and which failures are tried again."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.position import Position


@dataclass(frozen=True, slots=True)
class Gather:
    """Values collected over every run of a step into one list: what a JSON path selects, or group 1 of every match of a pattern."""

    name: str
    position: Position
    json: str | None = None
    matches: str | None = None
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class GatherCheck:
    """One predicate over a gathered list; ``wanted`` is a value tree."""

    name: str
    position: Position
    predicate: str
    wanted: object


@dataclass(frozen=True, slots=True)
class Retry:
    """The platform is known to misbehave with a text: a run that fails and shows it is done again, at most ``times`` runs in all.

    A step that needed more than one run is flaky, which is a finding of its own.
    """

    times: int
    matches: str
    issue: str
    position: Position
