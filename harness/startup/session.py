"""One session: the pairs that are wanted are measured, then compared with the committed ledger or written into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness import artifacts as published
from harness import whole
from harness.artifacts import Digests
from harness.model.artifact import Artifact, ArtifactSet
from harness.startup import judge as judging
from harness.startup import record
from harness.startup.errors import StartupError
from harness.startup.measure import bench, rows
from harness.startup.plan import Plan, Run, read_plan
from harness.startup.tools import locate
from harness.transport.registry import NoTransport, transport_for

Say = Callable[[str], None]


class Wanted:
    """Which pairs of run and artifact are meant; one that matches nothing is an error, never a pass."""

    def __init__(self, artifacts: Sequence[str] = (), runs: Sequence[str] = (), bounded: bool = False) -> None:
        self._artifacts = artifacts
        self._runs = runs
        self._bounded = bounded

    def pairs(self, plan: Plan, listed: ArtifactSet) -> list[tuple[Run, Artifact]]:
        _known("artifact", self._artifacts, [artifact.id for artifact in listed.artifacts])
        _known("run", self._runs, [run.id for run in plan.runs])
        chosen = [artifact for artifact in listed.artifacts if self._wants(artifact)]
        found = [(run, artifact) for artifact in chosen for run in plan.runs if self._has(run, artifact, listed.reference)]
        if not found:
            raise StartupError("nothing to measure: no artifact of this host is published; publish first")
        return found

    def _wants(self, artifact: Artifact) -> bool:
        if self._artifacts:
            return artifact.id in self._artifacts
        try:
            # Counting needs the machine's own programs: what an emulator executes is not what the artifact executes.
            return transport_for(artifact).name == "local" and not (self._bounded and artifact.development)
        except NoTransport:
            return False

    def _has(self, run: Run, artifact: Artifact, reference: str) -> bool:
        if self._runs and run.id not in self._runs:
            return False
        return not self._bounded or artifact.id == reference or run.bounded


def _known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise StartupError(f"there is no {what} {name!r}; known: {', '.join(known)}")


def take(root: Path, plan_file: Path, manifest: Path, ledger: Path, wanted: Wanted, *, update: bool, say: Say) -> int:
    """Measures, then writes or compares; the exit code."""
    plan = read_plan(plan_file)
    listed = published.read(manifest)
    pairs = wanted.pairs(plan, listed)
    digests = Digests()
    for artifact in {artifact.id: artifact for _, artifact in pairs}.values():
        published.verify(artifact, listed.path, digests)
    tools = locate()
    before = None if update and not ledger.exists() else record.read(ledger)
    with bench(plan, tools, root) as place:
        fresh = rows(place, pairs, say)
    if not update:
        assert before is not None
        return _report(before, fresh, tools.versions, say)
    kept = () if before is None else tuple(row for row in before.rows if _stays(row, fresh, plan))
    order = {run.id: number for number, run in enumerate(plan.runs)}
    places = {artifact.id: number for number, artifact in enumerate(listed.artifacts)}
    all_rows = sorted((*kept, *fresh), key=lambda row: (places.get(row.artifact, len(places)), order[row.run]))
    whole.write(ledger, record.dumps(record.Ledger(record.FORMAT, listed.program, tools.versions, tuple(all_rows))).encode())
    say(f"{ledger}: {len(fresh)} of {len(all_rows)} rows measured; read the difference before you commit it")
    return 0


def _stays(row: record.Row, fresh: Sequence[record.Row], plan: Plan) -> bool:
    """A row that was not measured now stays, unless its run is gone from the plan."""
    return row.run in {run.id for run in plan.runs} and (row.run, row.artifact) not in {(new.run, new.artifact) for new in fresh}


def _report(before: record.Ledger, fresh: Sequence[record.Row], versions: tuple[str, ...], say: Say) -> int:
    verdicts = judging.judge(before, fresh)
    for verdict in verdicts:
        if verdict.standing != judging.WITHIN:
            for line in verdict.lines:
                say(f"{verdict.artifact} {verdict.run}: {verdict.standing}: {line}")
    bad = sum(verdict.bad for verdict in verdicts)
    if bad and versions != before.tools:
        say(f"note: the ledger was taken with {', '.join(before.tools)}; here are {', '.join(versions)}")
    within, shrunk, skipped = (sum(verdict.standing == standing for verdict in verdicts) for standing in (judging.WITHIN, judging.SHRUNK, judging.NOT_JUDGED))
    say(f"startup: {within} within two per cent, {bad} grown or unknown, {shrunk} shrunk, {skipped} not judged")
    return 1 if bad else 0
