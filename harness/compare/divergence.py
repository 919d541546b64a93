"""What several artifacts and cases have in common: equal findings are told once, with the list of where they occur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.model.verdict import CellResult, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """One finding and every cell that has it."""

    scenario: str
    finding: Finding
    cells: tuple[tuple[str, str], ...]
    """Case and artifact, sorted."""
    clean: tuple[str, ...]
    """Artifacts on which none of these cases has the finding, sorted: the difference lies between them and the others."""

    @property
    def artifacts(self) -> tuple[str, ...]:
        return tuple(sorted({artifact for _, artifact in self.cells}))

    @property
    def cases(self) -> tuple[str, ...]:
        return tuple(sorted({case for case, _ in self.cells}))

    @property
    def diverges(self) -> bool:
        """Whether artifacts disagree: some have the finding, others were judged and do not."""
        return bool(self.clean)

    @property
    def sentence(self) -> str:
        """How far the finding reaches; empty when it stands alone."""
        if len(self.cells) == 1:
            return ""
        what = "hunk" if self.finding.diff else "finding"
        return f"same {what} in {_count(len(self.artifacts), 'artifact')} and {_count(len(self.cases), 'case')}: one finding"


def group(results: Iterable[CellResult]) -> tuple[Group, ...]:
    """The findings of failed cells, equal ones together, in the order of scenario, place and content.

    Two findings are equal when scenario, step, aspect, check and difference are; the message counts only when there is no difference to show.
    """
    found: dict[tuple[object, ...], tuple[Finding, dict[tuple[str, str], None]]] = {}
    judged: dict[tuple[str, str], set[str]] = {}
    for result in results:
        if result.verdict in (Verdict.UNSUPPORTED, Verdict.HARNESS_ERROR):
            continue
        judged.setdefault((result.scenario, result.case), set()).add(result.artifact)
        if result.verdict is not Verdict.FAILED:
            continue
        for finding in result.findings:
            _, cells = found.setdefault((result.scenario, *_content(finding)), (finding, {}))
            cells[result.case, result.artifact] = None
    groups = [_group(str(key[0]), finding, tuple(sorted(cells)), judged) for key, (finding, cells) in found.items()]
    return tuple(sorted(groups, key=_order))


def _content(finding: Finding) -> tuple[object, ...]:
    return finding.step, finding.aspect, finding.check, finding.diff or finding.message


def _group(scenario: str, finding: Finding, cells: tuple[tuple[str, str], ...], judged: dict[tuple[str, str], set[str]]) -> Group:
    everywhere = {artifact for case, _ in cells for artifact in judged[scenario, case]}
    return Group(scenario, finding, cells, tuple(sorted(everywhere - {artifact for _, artifact in cells})))


def _order(item: Group) -> tuple[object, ...]:
    finding = item.finding
    return item.scenario, finding.position.line, finding.position.column, finding.step, finding.aspect, finding.check, finding.diff, finding.message, item.cells


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
