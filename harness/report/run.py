"""A run as values: what was tested, what each cell came to, what was not run, and what is wrong beyond single cells.

Everything that any result format shows is here and nowhere else, so that no format can know more, or less, than another. Times stand apart from the
rest: two runs over the same files are equal but for ``seconds`` and ``started``.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.model.artifact import Artifact
from harness.model.verdict import CellResult, Verdict

TOLERATED = "tolerated"
"""How a deviation from a scenario of level ``may`` is counted beside the verdicts."""
PERTURBED = "perturbed"
"""Under this key the details of a result hold the names of the perturbations that it was judged under."""
RESULTS = "results.jsonl"
"""Under this name the folder of a release keeps the results of its run."""
COUNTED = (*(verdict.value for verdict in Verdict), TOLERATED)
"""What a cell can be shown as, in the order of every table."""


@dataclass(frozen=True, slots=True)
class ArtifactEvent:
    """An artifact as the header names it."""

    id: str
    sha256: str
    version: str


@dataclass(frozen=True, slots=True)
class FindingEvent:
    """A finding without its objects: the place is text."""

    step: str
    aspect: str
    message: str
    at: str
    check: str = ""
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellEvent:
    """The verdict of one case on one artifact."""

    scenario: str
    case: str
    artifact: str
    tier: str
    level: str
    verdict: Verdict
    seconds: float = 0.0
    reason: str = ""
    findings: tuple[FindingEvent, ...] = ()
    kept: tuple[str, ...] = ()
    """Files that were kept for the cell (raw output, a capsule): paths below the folder of the run."""
    tolerated: bool = False
    """It failed and does not make the run red, because its level asks for no more."""
    perturbed: tuple[str, ...] = ()
    """The perturbations that it was judged under; none for a cell that was run as usual."""

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.scenario, self.case, self.artifact)

    @property
    def shown(self) -> str:
        """The word that every format counts the cell under: its verdict, or ``tolerated``."""
        return TOLERATED if self.tolerated else self.verdict.value

    @property
    def red(self) -> bool:
        return self.verdict in (Verdict.FAILED, Verdict.HARNESS_ERROR) and not self.tolerated


@dataclass(frozen=True, slots=True)
class NotRunEvent:
    """Something that a reader may look for and will not find, and why."""

    what: str
    why: str


NOTHING_RAN = NotRunEvent("the whole run", "every cell is unsupported, which is no pass")


@dataclass(frozen=True, slots=True)
class ShardEvent:
    """Which part of a selection a run is; ``cells`` and ``sha256`` describe the whole selection, so that a merge notices what is missing."""

    index: int
    of: int
    cells: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run, or one shard of it."""

    program: str
    artifacts: tuple[ArtifactEvent, ...]
    cells: tuple[CellEvent, ...]
    not_run: tuple[NotRunEvent, ...] = ()
    problems: tuple[NotRunEvent, ...] = ()
    """What makes the run red besides single cells: files that cannot be loaded, goldens that nobody uses, a run that was stopped, …"""
    reference: str = ""
    suite: str = ""
    """Digest of the scenario tree and its goldens."""
    scenarios: str = "scenarios"
    """The scenario tree as one types it where commands are pasted."""
    replay: str = "pytest"
    """The command, with its options, that replays cells when node ids are put behind it."""
    started: str = ""
    seconds: float = 0.0
    shard: ShardEvent | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cells have each verdict; every verdict is present."""
        counted = Counter(cell.verdict for cell in self.cells)
        return {verdict.value: counted[verdict] for verdict in Verdict}

    @property
    def shown(self) -> Mapping[str, int]:
        """How many cells are shown under each word; every word is present."""
        counted = Counter(cell.shown for cell in self.cells)
        return {word: counted[word] for word in COUNTED}

    @property
    def red(self) -> bool:
        return bool(self.problems) or any(cell.red for cell in self.cells)

    @property
    def gaps(self) -> tuple[NotRunEvent, ...]:
        """What was not run without making the run red; the rest of ``not_run`` is told among the problems."""
        return tuple(row for row in self.not_run if row not in self.problems)

    def node(self, cell: CellEvent) -> str:
        """The node id of the cell's case, without the artifact."""
        return f"{self.scenarios}/{cell.scenario}.toml::{cell.case or cell.scenario.rpartition('/')[2]}"

    def reproduce(self, cell: CellEvent) -> str:
        """The command that runs the cell again and keeps its sandbox."""
        return f"{self.replay} {shlex.quote(self.node(cell))} --artifact={cell.artifact} --keep"

    def reproduce_all(self) -> str:
        """The command that runs the same artifacts again."""
        artifacts = " ".join(f"--artifact={artifact.id}" for artifact in self.artifacts)
        part = f" --shard={self.shard}" if self.shard else ""
        return f"{self.replay} {shlex.quote(self.scenarios)} {artifacts}{part}"


def ordered(run: Run) -> Run:
    """The run with everything in the one order that depends on names only."""
    return replace(
        run,
        cells=tuple(sorted(run.cells, key=lambda cell: cell.identity)),
        not_run=tuple(sorted(set(run.not_run), key=_row)),
        problems=tuple(sorted(set(run.problems), key=_row)),
    )


def timeless(run: Run) -> Run:
    """The run without its times: equal for two runs over the same files."""
    return replace(run, started="", seconds=0.0, cells=tuple(replace(cell, seconds=0.0) for cell in run.cells))


def _row(row: NotRunEvent) -> tuple[str, str]:
    return (row.what, row.why)


def artifact_event(artifact: Artifact) -> ArtifactEvent:
    return ArtifactEvent(artifact.id, artifact.sha256, artifact.version)


def cell_event(result: CellResult, *, tier: str, level: str) -> CellEvent:
    """The event of a result; the bytes of its observations stay behind."""
    findings = tuple(FindingEvent(f.step, f.aspect, f.message, str(f.position), f.check, f.diff) for f in result.findings)
    kept = result.details.get("kept", ())
    perturbed = result.details.get(PERTURBED, ())
    return CellEvent(
        scenario=result.scenario,
        case=result.case,
        artifact=result.artifact,
        tier=tier,
        level=level,
        verdict=result.verdict,
        seconds=round(result.seconds, 6),
        reason=result.reason,
        findings=findings,
        kept=tuple(str(path) for path in kept) if isinstance(kept, tuple) else (),
        tolerated=result.details.get(TOLERATED) is True,
        perturbed=tuple(str(name) for name in perturbed) if isinstance(perturbed, tuple) else (),
    )
