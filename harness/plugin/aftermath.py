"""What can be said only when every cell has reported: who agrees with whom, which failures are one, and what is left for review.

Works in the controller, on outcomes of all workers, so that a run with workers says the same as a run without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.compare.accord import Case, accord
from harness.compare.divergence import Group, content, group
from harness.compare.goldens import GOLDEN_CHECKS, golden_key
from harness.model.verdict import CellResult, Verdict
from harness.plugin.failure import completed, shortened
from harness.plugin.goldens import GoldenError, GoldenStore
from harness.plugin.outcome import Outcome, result_of
from harness.plugin.plan import Plan
from harness.report.run import FindingEvent
from harness.review.agreement import Use
from harness.review.bundle import NAME, Build, Bundle, PendingCell, PendingUse, digest, write
from harness.review.origins import Origins


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed cell with the report that tells of it."""

    report: pytest.TestReport
    outcome: Outcome
    result: CellResult


def complete_failures(reports: Sequence[pytest.TestReport], outcomes: Mapping[str, Outcome], reference: str, goldens: GoldenStore, *, every: bool) -> None:
    """Add to each failure where its golden comes from, what the three voices say and how far it reaches.

    The second and later of equal failures shrink to a pointer, unless ``every``.
    """
    failed = [
        Failed(report, outcome, result_of(outcome.event))
        for report in reports
        if (outcome := outcomes.get(report.nodeid)) is not None and outcome.event.verdict is Verdict.FAILED and isinstance(report.longrepr, str)
    ]
    cases = _cases(outcomes, {item.outcome.node for item in failed}, reference)
    groups = {content(found.scenario, found.finding): found for found in group(item.result for item in failed)}
    told: dict[tuple[object, ...], str] = {}
    origins = Origins(goldens.root)
    for item in failed:
        text = str(item.report.longrepr)
        contents = tuple(content(item.result.scenario, finding) for finding in item.result.findings)
        first = told.setdefault(contents, _name(item.result)) if contents else _name(item.result)
        if first != _name(item.result) and not every:
            item.report.longrepr = shortened(text, f"the same as {first}, shown above")
            continue
        lines = [*_origins(item.result, goldens, origins), *accord(cases[item.outcome.node], item.result.artifact), *_reach(groups, contents)]
        item.report.longrepr = completed(text, lines)


def _origins(result: CellResult, goldens: GoldenStore, origins: Origins) -> list[str]:
    """A sentence for each golden that is deviated from and of which it is known."""
    told: dict[str, None] = {}
    for finding in result.findings:
        if finding.check in GOLDEN_CHECKS:
            key = golden_key(result.scenario, result.case, finding.step, finding.aspect)
            try:
                text = goldens.read(key)
            except GoldenError:  # the cells that met it are harness errors and have said so
                continue
            if text is not None and (sentence := origins.sentence(key, text)):
                told[f"golden of {finding.step}.{finding.aspect}: {sentence}"] = None
    return list(told)


def _reach(groups: Mapping[tuple[object, ...], Group], contents: Sequence[tuple[object, ...]]) -> list[str]:
    """A sentence for each set of cells that share something: what reaches just as far is told once."""
    sentences: dict[object, str] = {}
    for key in contents:
        found = groups.get(key)
        if found is not None and found.sentence:
            sentences.setdefault(found.cells, found.sentence)
    return list(sentences.values())


def _name(result: CellResult) -> str:
    return f"{result.scenario} :: {result.case} on {result.artifact}" if result.case else f"{result.scenario} on {result.artifact}"


def _cases(outcomes: Mapping[str, Outcome], nodes: set[str], reference: str) -> dict[str, Case]:
    together: dict[str, list[Outcome]] = {}
    for outcome in outcomes.values():
        if outcome.node in nodes:
            together.setdefault(outcome.node, []).append(outcome)
    return {node: _case(members, reference) for node, members in together.items()}


def _case(members: Sequence[Outcome], reference: str) -> Case:
    printed: dict[tuple[str, str, str], str] = {}
    missing: set[tuple[str, str]] = set()
    for outcome in members:
        for use in outcome.uses:
            step, _, stream = use.key.rpartition("/")[2].rpartition(".")
            if use.actual is not None:
                printed[outcome.event.artifact, step, stream] = use.actual
            if use.missing:
                missing.add((step, stream))
    return Case(tuple(result_of(outcome.event) for outcome in members), reference, printed, missing)


def write_pending(
    folder: Path, plan: Plan, outcomes: Mapping[str, Outcome], planned: Mapping[str, frozenset[str]], goldens: GoldenStore, refused: Set[str]
) -> bool:
    """Leave a bundle for ``conformance review`` beside the results when a cell has failed or an update has refused a golden; whether there is one."""
    nodes = {outcome.node for outcome in outcomes.values() if outcome.event.verdict is Verdict.FAILED or any(use.key in refused for use in outcome.uses)}
    if not nodes:
        return False
    bases = _Bases(goldens)
    cells = tuple(_pending(outcome, planned.get(outcome.node, frozenset()), bases) for outcome in outcomes.values() if outcome.node in nodes)
    artifacts = tuple(Build(artifact.id, artifact.sha256, artifact.version) for artifact in plan.selection.artifacts)
    write(folder / NAME, Bundle(plan.artifacts.program, plan.artifacts.reference, artifacts, cells))
    return True


class _Bases:
    """Digests of the goldens as the run leaves them, each read once."""

    def __init__(self, goldens: GoldenStore) -> None:
        self._goldens = goldens
        self._known: dict[str, str | None] = {}

    def of(self, key: str) -> str | None:
        if key not in self._known:
            try:
                text = self._goldens.read(key)
            except GoldenError:  # the cells that met it are harness errors and have said so
                text = None
            self._known[key] = None if text is None else digest(text)
        return self._known[key]


def _pending(outcome: Outcome, planned: frozenset[str], bases: _Bases) -> PendingCell:
    event = outcome.event
    uses = tuple(use for found in outcome.uses if (use := _left(found, bases)) is not None)
    others = tuple(_other(finding) for finding in event.findings if finding.check not in GOLDEN_CHECKS)
    return PendingCell(event.scenario, event.case, event.artifact, event.verdict, tuple(sorted({*planned, event.artifact})), uses, others)


def _left(use: Use, bases: _Bases) -> PendingUse | None:
    """What is left of a use; a text that an update has just made the golden deviates no more."""
    base = bases.of(use.key)
    text = None if use.actual is not None and base == digest(use.actual) else use.actual
    return None if base is None and text is None else PendingUse(use.key, base, text)


def _other(finding: FindingEvent) -> str:
    message = next(iter(finding.message.splitlines()), finding.aspect)
    return f"step {finding.step}: {message}" if finding.step else message
