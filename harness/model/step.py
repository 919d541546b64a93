"""A step: one verb, its limits, what must hold afterwards, and what later steps may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.position import Position
from harness.model.template import Template


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """What a verb was asked to do. Each file in ``harness/verbs`` derives its own frozen value from it."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing that must hold of a stream. Each file in ``harness/compare/kinds`` derives its own frozen value from it."""

    position: Position


@dataclass(frozen=True, slots=True)
class StreamExpectation:
    """What a stream must look like. No assertion at all means: it must be empty."""

    stream: str
    """``stdout`` or ``stderr``."""
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
    """The same thing must hold every time: ``times`` runs, one after the other."""

    times: int


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
    files: FilesExpectation = FilesExpectation()
    captures: tuple[Capture, ...] = ()
