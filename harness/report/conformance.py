"""The functional run in numbers, taken from its results; a run without a single cell is an error."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from harness.artifacts import NotRun
from harness.model.verdict import Verdict
from harness.perf.errors import ArtifactChangedError, NothingToMeasureError
from harness.perf.record import Conformance, ConformanceRow, PerfRecord, TierCount
from harness.report import events

NAMED_FAILURES = 20
BAD = (Verdict.FAILED, Verdict.HARNESS_ERROR)


def conformance_of(run: events.Run, path: Path) -> Conformance:
    """The counts of a run that was read from ``path``."""
    if not run.cells:
        raise NothingToMeasureError(f"{path}: the functional run holds no cell; run the scenarios first")
    counted = Counter((cell.artifact, cell.verdict) for cell in run.cells)
    tiers = {tier: len({(cell.scenario, cell.case) for cell in run.cells if cell.tier == tier}) for tier in sorted({cell.tier for cell in run.cells})}
    return Conformance(
        cases=sum(tiers.values()),
        tiers=tuple(TierCount(tier, cases) for tier, cases in tiers.items()),
        rows=tuple(
            ConformanceRow(
                artifact=artifact.id,
                sha256=artifact.sha256,
                version=artifact.version,
                passed=counted[artifact.id, Verdict.PASSED],
                failed=counted[artifact.id, Verdict.FAILED],
                expected_failure=counted[artifact.id, Verdict.EXPECTED_FAILURE],
                unsupported=counted[artifact.id, Verdict.UNSUPPORTED],
                harness_error=counted[artifact.id, Verdict.HARNESS_ERROR],
            )
            for artifact in run.artifacts
        ),
        failures=tuple(f"{cell.scenario}::{cell.case}[{cell.artifact}]" for cell in run.cells if cell.verdict in BAD)[:NAMED_FAILURES],
        not_run=tuple(NotRun(row.what, row.why) for row in run.not_run),
    )


def check_same_files(record: PerfRecord, conformance: Conformance) -> None:
    """Both runs must have had the same files in their hands; one report over two builds would be a lie."""
    tested = {row.artifact: row.sha256 for row in conformance.rows}
    timed = {artifact.id: artifact.sha256 for artifact in record.artifacts}
    common = tested.keys() & timed.keys()
    if not common:
        raise NothingToMeasureError(
            f"no artifact was both tested ({', '.join(sorted(tested))}) and timed ({', '.join(sorted(timed))}); run both over the same artifacts"
        )
    for name in sorted(common):
        if tested[name] != timed[name]:
            raise ArtifactChangedError(
                f"{name}: tested was the file with SHA-256 {tested[name]}, timed the one with {timed[name]}; run the scenarios again on what is published now"
            )


def left_out(record: PerfRecord) -> tuple[NotRun, ...]:
    """A row for everything that was not run, or that one run had and the other had not; silence would look like success."""
    return tuple(dict.fromkeys((*record.not_run, *_missing(record, record.conformance))))


def _missing(record: PerfRecord, conformance: Conformance | None) -> tuple[NotRun, ...]:
    if conformance is None:
        return (NotRun("conformance", "the scenarios were not run for this report"),)
    tested, timed = {row.artifact for row in conformance.rows}, {artifact.id for artifact in record.artifacts}
    untested = [artifact.id for artifact in record.artifacts if artifact.id not in tested and not artifact.development]
    return (
        *conformance.not_run,
        *(NotRun(f"conformance of {name}", "the functional run did not select it") for name in untested),
        *(NotRun(f"timing of {name}", "it was tested, but not among the artifacts that were timed") for name in sorted(tested - timed)),
    )
