"""A step: one verb, its limits, what must hold afterwards, and what later steps may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.budget import Budget, Leaks
from harness.model.flow import Gather, GatherCheck, Retry
from harness.model.position import Position
from harness.model.template import Template


@dataclass(frozen=True, slots=True)
class Terminal:
    """The size of a pseudo-terminal, in characters. It never changes while the program runs."""

    columns: int
    rows: int

    def __str__(self) -> str:
        return f"{self.columns}x{self.rows}"


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """What a verb was asked to do. Each file in ``harness/verbs`` derives its own frozen value from it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Capabilities without which it cannot be done."""
        return ()


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing that must hold of a stream. Each file in ``harness/compare/kinds`` derives its own frozen value from it."""

    position: Position


@dataclass(frozen=True, slots=True)
class StreamExpectation:
    """What a stream must look like. No assertion at all means: it must be empty."""

    stream: str
    """``stdout``, ``stderr`` or ``screen``."""
    assertions: tuple[Assertion, ...] = ()
    ignore: str | None = None
    """The written reason for not caring; None when the stream is accounted for."""


@dataclass(frozen=True, slots=True)
class ExitExpectation:
    """The exit codes that are right; ``signals`` holds names such as ``TERM`` for ``exit = "signal:TERM"``. All empty: 0 is right."""

    codes: tuple[int, ...] = ()
    signals: tuple[str, ...] = ()
    column: Template | None = None
    """A case column that holds the code, a list of codes or ``signal:TERM``; then the other two are empty."""


@dataclass(frozen=True, slots=True)
class FilesExpectation:
    """Relative paths that the step may create, modify or delete; None means that the key was not given."""

    created: tuple[str, ...] | None = None
    modified: tuple[str, ...] | None = None
    deleted: tuple[str, ...] | None = None
    changed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Until:
    """Polling that is part of the behaviour: repeat the step every ``every`` seconds until it holds, at most ``within`` seconds."""

    every: float
    within: float


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same thing must hold every time: ``times`` runs; or one run for every value of a capture, until it is empty."""

    times: int
    """How many runs are compared; with ``follow`` the highest number of rounds."""
    workers: int = 1
    """How many run at the same time, in the same sandbox."""
    warmup: int = 0
    """Runs that come first and are not compared."""
    follow: str = ""
    """The capture of the step that decides whether there is another round; the only one that is bound anew."""
    add: tuple[Template, ...] = ()
    """Arguments of every round but the first."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A value kept for later steps: a JSON path of stdout, group 1 of a pattern, a whole stream, or the exit code."""

    name: str
    position: Position
    json: str | None = None
    matches: str | None = None
    stream: str | None = None
    exit: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One ``[[step]]`` or ``[[finally]]`` block."""

    id: str
    """As written, or the verb's name and the 1-based number of the step (``run-2``)."""
    number: int
    verb: VerbSpec
    position: Position
    timeout: float | None = None
    """Seconds; None takes the scenario's, then the tier's."""
    until: Until | None = None
    repeat: Repeat | None = None
    env: Mapping[str, Template] = field(default_factory=dict)
    stdin: Template | None = None
    exit: ExitExpectation = ExitExpectation()
    stdout: StreamExpectation = StreamExpectation("stdout")
    stderr: StreamExpectation = StreamExpectation("stderr")
    screen: StreamExpectation = StreamExpectation("screen")
    files: FilesExpectation = FilesExpectation()
    captures: tuple[Capture, ...] = ()
    gathers: tuple[Gather, ...] = ()
    gather_checks: tuple[GatherCheck, ...] = ()
    retry: Retry | None = None
    calls: tuple[Position, ...] = ()
    """Where the step was called from, outermost first; empty for a step of the scenario file itself."""
    program: str = ""
    """The ``start`` step whose program this step is about (``in``)."""
    cwd: str | None = None
    """The folder of the sandbox in which the program runs; None takes the scenario's."""
    terminal: Terminal | None = None
    """A started program gets a terminal of this size instead of pipes."""
    needs: tuple[str, ...] = ()
    """Capabilities without which the scenario is unsupported: those that were written and those that the verb implies."""
    network: bool = True
    """False: the program is ended when it opens an internet socket."""
    budget: Budget | None = None
    """What it may cost; a step that limits time or memory is marked for timing."""

    @property
    def leaks(self) -> Leaks:
        """The most that one run of it may leave behind."""
        return self.budget.leaks if self.budget is not None else Leaks()
