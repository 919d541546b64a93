"""What a step may cost: limits on time and memory for each kind of artifact, what may be left behind, and how much it may grow from release to release.

Time and memory are never looked at while scenarios run. They are judged by a timing session, over the same arguments in the same surroundings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

KINDS: Final = ("native", "frozen", "jit", "reflective")
WALL: Final[Mapping[str, float]] = {"min": 0.0, "p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
"""What can be said of the time of the runs, in the order in which the values cannot but grow, and the share of runs that lies below each."""
PEAK: Final = "rss.max"
REFERENCES: Final = ("hello",)
"""Programs that every timing session builds and runs in the same blocks, so that a limit can be a multiple of their time."""
LAST_RELEASE: Final = "last-release"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that one quantity may come to on artifacts of one kind."""

    quantity: str
    """``wall.`` and a key of ``WALL``, or ``rss.max``."""
    kind: str
    amount: float
    """Seconds or bytes, or how many times the median of ``reference``."""
    reference: str = ""

    @property
    def fraction(self) -> float | None:
        """Which quantile of the time this is about; None for memory."""
        return WALL.get(self.quantity.removeprefix("wall."))


@dataclass(frozen=True, slots=True)
class Growth:
    """How many times as much as in the last release one quantity may come to, on every kind that the release had."""

    quantity: str
    factor: float

    @property
    def fraction(self) -> float | None:
        return WALL.get(self.quantity.removeprefix("wall."))


@dataclass(frozen=True, slots=True)
class Leaks:
    """The most that a run of the step may leave behind. Judged while scenarios run; it is not about time."""

    processes: int = 0
    temporary: int = 0
    """Files in the directory for temporary files."""

    def __bool__(self) -> bool:
        return bool(self.processes or self.temporary)


@dataclass(frozen=True, slots=True)
class Budget:
    """Everything that a step says about its cost."""

    limits: tuple[Limit, ...] = ()
    growths: tuple[Growth, ...] = ()
    leaks: Leaks = Leaks()
    heading: str = ""
    """Under which heading a report shows the step; empty: the usual one."""

    @property
    def timed(self) -> bool:
        """Whether the step is marked for timing: it limits time or memory, absolutely or against the last release."""
        return bool(self.limits or self.growths)
