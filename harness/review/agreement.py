"""What ``--snapshot-update`` may write, and what review may accept: only what every artifact in question printed. Nobody is the last writer that wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.compare.text import diff_lines
from harness.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Use:
    """How one artifact used one golden; ``actual`` is None when it is what the golden holds already."""

    key: str
    actual: str | None
    missing: bool


@dataclass(frozen=True, slots=True)
class Report:
    """One cell as far as goldens are concerned; ``case`` is anything that is the same for all artifacts of a case and no other."""

    case: str
    artifact: str
    verdict: Verdict
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """A golden to write."""

    key: str
    text: str
    new: bool
    artifacts: tuple[str, ...] = field(default=(), compare=False)
    """Everybody who printed it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A golden that is not written, and why; ``diff`` shows where artifacts diverge."""

    key: str
    reason: str
    diff: tuple[str, ...] = ()


def settle(reports: Iterable[Report], planned: Mapping[str, frozenset[str]], *, new_only: bool) -> tuple[list[Write], list[Refusal]]:
    """What to write and what not, sorted by key. ``planned`` names the artifacts that were selected for each case."""
    cases: dict[str, list[Report]] = {}
    for report in sorted(reports, key=lambda report: report.artifact):
        cases.setdefault(report.case, []).append(report)
    writes: list[Write] = []
    refusals: list[Refusal] = []
    for case, group in sorted(cases.items()):
        absent = planned.get(case, frozenset()) - {report.artifact for report in group}
        # A known difference must not become the golden, and what an artifact cannot do it need not agree with.
        partners = [report for report in group if report.verdict not in (Verdict.EXPECTED_FAILURE, Verdict.UNSUPPORTED)]
        for key in sorted({use.key for report in partners for use in report.uses if use.actual is not None}):
            outcome = _settle_key(key, partners, absent)
            if isinstance(outcome, Refusal):
                refusals.append(outcome)
            elif outcome.new or not new_only:
                writes.append(outcome)
    return writes, refusals


def _settle_key(key: str, partners: list[Report], absent: frozenset[str]) -> Write | Refusal:
    """``partners`` hold at least one that deviates from the golden."""
    if absent:
        return Refusal(key, f"{_names(absent)} did not run this case")
    broken = [report.artifact for report in partners if report.verdict is not Verdict.PASSED]
    if broken:
        return Refusal(key, f"{_names(broken)} failed for other reasons; mend them first")
    uses = {report.artifact: next((use for use in report.uses if use.key == key), None) for report in partners}
    silent = [artifact for artifact, use in uses.items() if use is None]
    if silent:
        return Refusal(key, f"{_names(silent)} did not come to this step")
    return _agree(key, {artifact: use for artifact, use in uses.items() if use is not None})


def _agree(key: str, uses: Mapping[str, Use]) -> Write | Refusal:
    camps: dict[str | None, list[str]] = {}
    for artifact, use in uses.items():
        camps.setdefault(use.actual, []).append(artifact)
    if len(camps) == 1:
        text = next(iter(camps))
        assert text is not None  # the key was chosen because an artifact deviates from it
        return Write(key, text, any(use.missing for use in uses.values()), tuple(sorted(uses)))
    if None in camps:
        others = [artifact for text, artifacts in camps.items() if text is not None for artifact in artifacts]
        return Refusal(key, f"the artifacts diverge: the golden is still printed by {_names(camps[None])}, but not by {_names(others)}")
    sides = " / ".join(_names(artifacts) for artifacts in camps.values())
    first, second = list(camps)[:2]
    return Refusal(key, f"the artifacts diverge: {sides}", diff_lines(first or "", second or ""))


def _names(artifacts: Iterable[str]) -> str:
    return ", ".join(sorted(artifacts))
