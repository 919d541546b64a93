"""What a run tests, settled and proven once, before the first cell: artifacts, their digests, and where the run writes.

Under xdist the controller does it and hands the outcome on, so that workers neither hash big trees again nor decide differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.artifacts import ArtifactError, Digests, NotRun, Selection, read, select, verify, version_probe
from harness.execute.process import LocalSpawner, ProcessSpec
from harness.execute.sandbox import SandboxRoot
from harness.faults import HarnessFault
from harness.model.artifact import Artifact, ArtifactSet
from harness.plugin.settings import Settings
from harness.plugin.suite import suite_digest
from harness.transport.registry import NoTransport, transport_for

PROBE_SECONDS = 30.0
PROBE_OUTPUT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """The artifacts of ``artifacts.json``, those among them that this run tests, and the folder of its results."""

    artifacts: ArtifactSet
    selection: Selection
    directory: Path
    digest: str
    """SHA-256 of ``artifacts.json``, so that a worker notices when it has changed since."""
    suite: str = ""
    """Digest of scenarios and goldens; only the controller needs it."""

    @property
    def selected(self) -> frozenset[str]:
        return frozenset(artifact.id for artifact in self.selection.artifacts)

    def for_worker(self) -> dict[str, object]:
        return {"selected": sorted(self.selected), "directory": str(self.directory), "digest": self.digest}


PLAN = pytest.StashKey[Plan]()


def make_plan(settings: Settings, directory: Path) -> Plan:
    """Read, select and verify; a ``UsageError`` tells why nothing can be run."""
    try:
        artifacts = read(settings.artifacts)
        selection = select(artifacts, settings.patterns, _obstacle)
        digests = Digests()
        for artifact in selection.artifacts:
            verify(artifact, settings.artifacts, digests)
        for artifact in selection.artifacts:
            _probe(artifact)
    except ArtifactError as error:
        raise pytest.UsageError(str(error)) from None
    return Plan(artifacts, selection, directory, _digest(settings.artifacts), suite_digest(settings.scenarios, settings.snapshots))


def plan_of_worker(settings: Settings, handed: Mapping[str, object]) -> Plan:
    """The controller's plan inside a worker."""
    if _digest(settings.artifacts) != handed["digest"]:
        raise pytest.UsageError(f"{settings.artifacts}: has changed since the run began; run again")
    artifacts = read(settings.artifacts)
    names = handed["selected"]
    assert isinstance(names, list)
    chosen = tuple(artifact for artifact in artifacts.artifacts if artifact.id in names)
    return Plan(artifacts, Selection(chosen), Path(str(handed["directory"])), str(handed["digest"]))


def not_run_rows(plan: Plan) -> tuple[NotRun, ...]:
    """Artifacts that this host cannot run, and those that the caller left out."""
    named = plan.selected | {row.what for row in plan.selection.not_run}
    left_out = tuple(NotRun(a.id, "not selected") for a in plan.artifacts.artifacts if a.id not in named and not a.development)
    return plan.selection.not_run + left_out


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _obstacle(artifact: Artifact) -> str | None:
    try:
        transport_for(artifact)
    except NoTransport as reason:
        return str(reason)
    return None


def _probe(artifact: Artifact) -> None:
    """Ask the program for its version: a digest proves that the file is the listed one, not that it runs and is what the list says."""
    probe = version_probe(artifact)
    if probe is None:
        return
    arguments, pattern = probe
    shown = " ".join((artifact.path.name, *arguments))
    try:
        with SandboxRoot.create() as sandboxes, sandboxes.cell() as sandbox:
            command = transport_for(artifact).argv(artifact, arguments)
            end = LocalSpawner().run(ProcessSpec(command, sandbox.environment(), sandbox.work, PROBE_SECONDS, PROBE_OUTPUT))
    except HarnessFault as fault:
        raise ArtifactError(f"{artifact.id}: {fault}") from None
    if end.timed_out:
        raise ArtifactError(f"{artifact.id}: `{shown}` did not end within {PROBE_SECONDS:.0f} s")
    output = (end.stdout + b"\n" + end.stderr).decode("utf-8", "backslashreplace")
    if not pattern.search(output):
        first = output.split("\n")[0].strip()
        printed = f"printed {first!r}" if first else "printed nothing on its first line"
        listed = f"does not match {pattern.pattern!r}" if "probe" in artifact.facts else f"does not name the listed version {artifact.version}"
        raise ArtifactError(f"{artifact.id}: `{shown}` {printed} ({end.exit}), which {listed}; publish it again")
