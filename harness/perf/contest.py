"""Who takes part: the artifacts that this host can start, the reference commands that it has, and one control, the same file again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import artifacts as published
from harness.artifacts import NotRun
from harness.model.artifact import Artifact, ArtifactSet
from harness.perf.arms import ArmPlan
from harness.perf.configuration import INTERPRETER, PLACEHOLDER, Reference, Timing, TimingPlan, substitute
from harness.perf.errors import NothingToMeasureError
from harness.perf.record import ARTIFACT, CONTROL, REFERENCE, ArtifactFacts
from harness.transport.base import Transport
from harness.transport.registry import NoTransport

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
LOCAL = "local"
INTERPRETER_LINE = 4096


@dataclass(frozen=True, slots=True)
class Contestant:
    """An artifact that can be started here, and how."""

    artifact: Artifact
    transport: Transport

    @property
    def emulated(self) -> bool:
        return self.transport.name != LOCAL


@dataclass(frozen=True, slots=True)
class Contest:
    """Makes the arms of each timed program."""

    plan: TimingPlan
    contestants: tuple[Contestant, ...]
    base: str
    values: Mapping[str, str]
    sources: Mapping[str, Path]

    def arms(self, timing: Timing) -> tuple[ArmPlan, ...]:
        """Artifacts in the order of the file, then the control, then the references."""
        args = [substitute(part, self.values) for part in timing.args]
        arms = [_artifact_arm(entrant, entrant.artifact.id, ARTIFACT, args, timing.exit) for entrant in self.contestants]
        arms += [_artifact_arm(entrant, CONTROL, CONTROL, args, timing.exit) for entrant in self.contestants if entrant.artifact.id == self.base]
        for name in timing.references:
            argv = self._reference_argv(self.plan.reference(name))
            if argv is not None:
                arms.append(ArmPlan(name, self.plan.reference(name).label, REFERENCE, emulated=False, argv=argv, exit=0))
        return tuple(arms)

    def missing(self) -> tuple[NotRun, ...]:
        """A row for each reference whose command this machine does not have."""
        wanted = sorted({name for timing in self.plan.timings for name in timing.references})
        absent = [reference for reference in map(self.plan.reference, wanted) if self._reference_argv(reference) is None]
        return tuple(NotRun(f"reference line {reference.label}", f"not run: {self._remedy(reference)}") for reference in absent)

    def _remedy(self, reference: Reference) -> str:
        unknown = self._unknown_artifact(reference)
        return f"install {reference.argv[0]}" if unknown is None else f"{unknown} is not published here, or its file names no interpreter"

    def _unknown_artifact(self, reference: Reference) -> str | None:
        found = (INTERPRETER.fullmatch(name) for part in reference.argv for name in PLACEHOLDER.findall(part))
        return next((match.group(1) for match in found if match is not None and match.group() not in self.values), None)

    def _reference_argv(self, reference: Reference) -> tuple[str, ...] | None:
        if reference.source is not None:
            return (str(self.sources[reference.source]),)
        if self._unknown_artifact(reference) is not None:
            return None
        command, *rest = reference.argv
        found = shutil.which(substitute(command, self.values), path=SYSTEM_PATH)
        return None if found is None else (found, *(substitute(part, self.values) for part in rest))


def _artifact_arm(entrant: Contestant, name: str, role: str, args: list[str], code: int) -> ArmPlan:
    label = f"{entrant.artifact.id} again" if role == CONTROL else entrant.artifact.id
    return ArmPlan(name, label, role, entrant.emulated, entrant.transport.argv(entrant.artifact, args), code)


def contestants(listed: ArtifactSet, transport: Callable[[Artifact], Transport]) -> tuple[tuple[Contestant, ...], tuple[NotRun, ...]]:
    """The artifacts that can be started here, development ones included, and a row for each that cannot."""
    found: list[Contestant] = []
    rows: list[NotRun] = []
    for artifact in listed.artifacts:
        try:
            found.append(Contestant(artifact, transport(artifact)))
        except NoTransport as error:
            rows.append(NotRun(f"timing of {artifact.id}", str(error).removeprefix(f"{artifact.id}: ")))
    return tuple(found), tuple(rows)


@dataclass(frozen=True, slots=True)
class Field:
    """Everybody who takes part in a session: what was published, and what the last release was made of."""

    listed: ArtifactSet
    entrants: tuple[Contestant, ...]
    released: ArtifactSet | None
    earlier: tuple[Contestant, ...]
    """Artifacts of the last release; empty when none were given."""
    left_out: tuple[NotRun, ...]

    @property
    def base(self) -> str:
        """The artifact that the others are compared with: the reference of the listing, or the first that runs here."""
        ids = [entrant.artifact.id for entrant in self.entrants]
        return self.listed.reference if self.listed.reference in ids else ids[0]

    @property
    def version(self) -> str:
        return next(entrant.artifact.version for entrant in self.entrants if entrant.artifact.id == self.base)

    def verify(self) -> None:
        """Raises ``harness.artifacts.ArtifactError`` when a file is not the one that was published."""
        digests = published.Digests()
        for entrant in self.entrants:
            published.verify(entrant.artifact, self.listed.path, digests)
        for entrant in self.earlier:
            published.verify(entrant.artifact, self.listed.path if self.released is None else self.released.path, digests)


def field_of(listed: ArtifactSet, baseline: Path | None, transport: Callable[[Artifact], Transport]) -> Field:
    """Who can be started here; nobody is an error. ``baseline`` is the ``artifacts.json`` of the last release."""
    entrants, left_out = contestants(listed, transport)
    if not entrants:
        raise NothingToMeasureError(
            f"{listed.path}: no artifact can be started on this host: {'; '.join(f'{row.what}: {row.why}' for row in left_out) or 'none is listed'}"
        )
    released = None if baseline is None else published.read(baseline)
    earlier, missing = ((), ()) if released is None else contestants(released, transport)
    return Field(listed, entrants, released, earlier, (*left_out, *(NotRun(f"{row.what} of the last release", row.why) for row in missing)))


def interpreters(entrants: tuple[Contestant, ...]) -> dict[str, str]:
    """`<artifact id>.interpreter` → the interpreter that the first line of its executed file names, for those that have such a line."""
    found: dict[str, str] = {}
    for entrant in entrants:
        with entrant.artifact.path.open("rb") as stream:
            line = stream.readline(INTERPRETER_LINE).rstrip()
        if line.startswith(b"#!"):
            found[f"{entrant.artifact.id}.interpreter"] = os.fsdecode(line[2:].strip())
    return found


def watched_pairs(arms: tuple[ArmPlan, ...], base: str) -> tuple[tuple[str, str], ...]:
    """The ratios that must become precise: the base artifact to each reference, and its control to it."""
    others = [(base, arm.id) for arm in arms if arm.role == REFERENCE]
    return (*others, *((arm.id, base) for arm in arms if arm.role == CONTROL))


def facts_of(entrant: Contestant) -> ArtifactFacts:
    """The artifact as it lies on disk."""
    artifact = entrant.artifact
    installed, files = (artifact.size, 1) if artifact.tree is None else (_bytes_below(artifact.tree.root), artifact.tree.files)
    return ArtifactFacts(
        id=artifact.id,
        kind=artifact.kind,
        target=artifact.target,
        version=artifact.version,
        sha256=artifact.sha256,
        size=artifact.size,
        installed=installed,
        files=files,
        development=artifact.development,
        emulated=entrant.emulated,
    )


def closed_environment(declared: Mapping[str, str], workspace: Path) -> dict[str, str]:
    """The whole environment of a timed run: nothing of the caller's, a home and a temporary directory that are empty."""
    home, temporary = workspace / "home", workspace / "tmp"
    home.mkdir()
    temporary.mkdir()
    return {"PATH": SYSTEM_PATH, "HOME": str(home), "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8", "TZ": "UTC", **declared}


def _bytes_below(root: Path) -> int:
    return sum(Path(folder, name).lstat().st_size for folder, _, names in os.walk(root) for name in names)
