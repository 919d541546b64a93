"""What a timing session measured, as frozen values; reports are made from these and from nothing else. Times are whole nanoseconds.

``perf.json`` is this, field for field (``harness/schema/perf-2.json``); ``harness.perf.codec`` writes and reads it.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.artifacts import NotRun
from harness.perf.host import HostFacts
from harness.perf.stats import Estimate

FORMAT = 2

MEASURED = "measured"
INVALID = "invalid"

ARTIFACT = "artifact"
REFERENCE = "reference"
CONTROL = "control"
BASELINE = "baseline"
"""An artifact of the last release."""

WITHIN = "within"
BORDERLINE = "borderline"
OVER = "over"
NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that took part, and its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """An artifact as it lay on disk when it was timed."""

    id: str
    kind: str
    target: str
    version: str
    sha256: str
    size: int
    """Bytes of the file that is executed."""
    installed: int
    """Bytes of everything that has to be there for it to run and was published with it."""
    files: int
    development: bool
    emulated: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One timed run: the block it belongs to and how long it took."""

    block: int
    ns: int


@dataclass(frozen=True, slots=True)
class Level:
    """Where the runs of one arm lie; the interval is of the median, at 95 %, and absent when the runs are too few for one."""

    median: float
    low: float | None
    high: float | None
    p5: float
    p95: float
    least: float


@dataclass(frozen=True, slots=True)
class Arm:
    """What one artifact, reference, control or artifact of the last release came to in one timed program."""

    id: str
    label: str
    role: str
    emulated: bool
    verdict: str
    reason: str
    every: int
    """It took part in every so many blocks."""
    first_ns: int | None
    """Its very first run, before anything was warm."""
    level: Level | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the denominator the numerator takes, over the blocks that have both; no estimate when there are none."""

    numerator: str
    denominator: str
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class TimedProgram:
    """One timed program over all arms. ``trusted`` is false when the same file, measured against itself, came out different."""

    id: str
    title: str
    args: tuple[str, ...]
    exit: int
    blocks: int
    stopped: str
    seconds: float
    arms: tuple[Arm, ...]
    ratios: tuple[Ratio, ...]
    control: Ratio | None
    trusted: bool

    def arm(self, name: str) -> Arm | None:
        return next((arm for arm in self.arms if arm.id == name), None)

    def ratio(self, numerator: str, denominator: str) -> Ratio | None:
        return next((ratio for ratio in self.ratios if (ratio.numerator, ratio.denominator) == (numerator, denominator)), None)


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """Peak memory of one arm in one timed program, in KiB, one value per run."""

    timing: str
    arm: str
    label: str
    role: str
    emulated: bool
    verdict: str
    reason: str
    level: Level | None
    runs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A marked step of a scenario; without a program when its surroundings could not be had, and ``reason`` says why."""

    scenario: str
    case: str
    step: str
    at: str
    heading: str
    reason: str
    program: TimedProgram | None
    memory: tuple[MemoryRow, ...]

    def peak(self, arm: str) -> MemoryRow | None:
        return next((row for row in self.memory if row.arm == arm), None)


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory pass: the launcher's own floor, the step in which the kernel counts, and the rows."""

    floor_kib: int
    step_kib: int
    rows: tuple[MemoryRow, ...]

    def row(self, timing: str, arm: str) -> MemoryRow | None:
        return next((row for row in self.rows if (row.timing, row.arm) == (timing, arm)), None)


@dataclass(frozen=True, slots=True)
class Overhead:
    """What the harness adds to one cell over the bare start of the same program, in milliseconds."""

    blocks: int
    cells_per_block: int
    engine_ms: float
    bare_ms: float
    difference_ms: Estimate


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """One committed limit and what the session says about it."""

    id: str
    title: str
    direction: str
    limit: float
    unit: str
    value: float | None
    low: float | None
    high: float | None
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConformanceRow:
    """How many cases came to which verdict on one artifact, and which file that was."""

    artifact: str
    sha256: str
    version: str
    passed: int
    failed: int
    expected_failure: int
    unsupported: int
    harness_error: int

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.expected_failure + self.unsupported + self.harness_error

    @property
    def bad(self) -> int:
        return self.failed + self.harness_error


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many cases a tier holds."""

    tier: str
    cases: int


@dataclass(frozen=True, slots=True)
class Conformance:
    """What the functional run came to; never empty."""

    cases: int
    tiers: tuple[TierCount, ...]
    rows: tuple[ConformanceRow, ...]
    failures: tuple[str, ...]
    """Names of cells that failed or met a harness fault, at most twenty."""
    not_run: tuple[NotRun, ...]

    def row(self, artifact: str) -> ConformanceRow | None:
        return next((row for row in self.rows if row.artifact == artifact), None)


@dataclass(frozen=True, slots=True)
class PerfRecord:
    """A whole session."""

    format: int
    program: str
    version: str
    base: str
    """The artifact that the others are compared with."""
    created: str
    seed: int
    command: str
    seconds: float
    host: HostFacts
    tools: tuple[Tool, ...]
    artifacts: tuple[ArtifactFacts, ...]
    baseline: tuple[ArtifactFacts, ...]
    """The artifacts of the last release that took part."""
    timings: tuple[TimedProgram, ...]
    steps: tuple[TimedStep, ...]
    memory: Memory
    overhead: Overhead | None
    budgets: tuple[BudgetResult, ...]
    conformance: Conformance | None
    not_run: tuple[NotRun, ...]

    def timing(self, name: str) -> TimedProgram | None:
        return next((timing for timing in self.timings if timing.id == name), None)

    def artifact(self, name: str) -> ArtifactFacts | None:
        return next((artifact for artifact in self.artifacts if artifact.id == name), None)
