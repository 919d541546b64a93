"""Steps of scenarios that are marked for timing, as a session sees them; where they come from and how they are proven is somebody else's business.

A session opens one scene at a time: fresh servers and a fresh sandbox, open as long as the step is proven, timed and weighed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from harness.artifacts import NotRun
from harness.model.artifact import Artifact
from harness.model.budget import Budget
from harness.perf.errors import PerfError
from harness.perf.place import Place
from harness.transport.base import Transport


class SceneError(PerfError):
    """The surroundings of a step could not be had, so that it cannot be timed; the other steps can."""


@dataclass(frozen=True, slots=True)
class MarkedStep:
    """A step of one case that limits time or memory."""

    scenario: str
    case: str
    step: str
    at: str
    """File and line, for people."""
    args: tuple[str, ...]
    """As they are written in the scenario."""
    budget: Budget

    @property
    def id(self) -> str:
        return "::".join(part for part in (self.scenario, self.case, self.step) if part)

    @property
    def title(self) -> str:
        return f"{self.scenario}{f'::{self.case}' if self.case else ''} {self.step}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What an artifact answered when the step was performed as in a functional run; ``fault`` says why it is not timed, when it is not."""

    argv: tuple[str, ...] = ()
    exit: int = 0
    stdout_sha256: str = ""
    stderr_sha256: str = ""
    seconds: float = 0.0
    fault: str = ""


class Scene(Protocol):
    """The surroundings of a step."""

    @property
    def place(self) -> Place: ...

    def prove(self, artifact: Artifact, transport: Transport) -> Proof:
        """Perform the step once and hold it against everything that the scenario says of it."""
        ...


class MarkedSteps(Protocol):
    """All marked steps of a scenario tree, in the order in which they are timed."""

    @property
    def steps(self) -> tuple[MarkedStep, ...]: ...

    @property
    def left_out(self) -> tuple[NotRun, ...]:
        """Files whose steps are not known, and why."""
        ...

    def scene(self, step: MarkedStep) -> AbstractContextManager[Scene]:
        """Raises ``SceneError`` when the surroundings cannot be had."""
        ...
