"""What a session of the benchmark found, as frozen values; the page and the JSON file are made from these and from nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from harness.bench.memory import Peaks
from harness.perf.host import HostFacts
from harness.perf.record import Level, Overhead
from harness.perf.stats import Estimate

FORMAT = 1
AT_MOST = "at most"
AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is run. A part of the whole tries the benchmark itself; what is judged is the whole only."""

    collected: int = 10_000
    cells: int = 1_000
    contest: int = 500
    memory: int = 50_000
    blocks: int = 8
    contest_blocks: int = 6
    overhead_cells: int = 200

    def part(self, scale: float) -> Sizes:
        """About this part of everything, and never nothing."""
        if not 0 < scale <= 1:
            raise ValueError("a part lies above 0 and at 1 at most")
        return Sizes(
            *(max(least, round(whole * scale)) for whole, least in zip(asdict(self).values(), (2, 2, 2, 2, 1, 1, 2), strict=True)),
        )


@dataclass(frozen=True, slots=True)
class Timed:
    """A command, how often it was run, and the wall time of the whole of it: in seconds, and in cases per second."""

    id: str
    cases: int
    seconds: tuple[float, ...]
    level: Level

    @property
    def rate(self) -> float:
        return self.cases / self.level.median


@dataclass(frozen=True, slots=True)
class Ahead:
    """How long the engine takes for the same cases, as a multiple of what another runner takes; both ran in every block."""

    ours: str
    theirs: str
    ratio: Estimate
    like: bool
    """Whether both isolate a case in the same way; only then the comparison is judged."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The memory of a run."""

    id: str
    cells: int
    peaks: Peaks


@dataclass(frozen=True, slots=True)
class Goal:
    """One limit and what was found; ``met`` is None where nothing could be judged, and ``note`` says why."""

    title: str
    direction: str
    limit: float
    unit: str
    value: float | None
    low: float | None
    high: float | None
    met: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A session."""

    format: int
    whole: bool
    seed: int
    command: str
    host: HostFacts
    versions: tuple[tuple[str, str], ...]
    sizes: Sizes
    timed: tuple[Timed, ...]
    contest: tuple[Timed, ...]
    ahead: tuple[Ahead, ...]
    overhead: Overhead
    memory: tuple[Footprint, ...]
    missing: tuple[tuple[str, str], ...]
    goals: tuple[Goal, ...]

    @property
    def reached(self) -> bool:
        """Whether every goal is met; a part of the whole is never judged."""
        return not self.whole or all(goal.met for goal in self.goals)
