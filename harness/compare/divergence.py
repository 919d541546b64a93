"""What several artifacts and cases have in common: equal findings are told once, with the list of where they occur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.model.verdict import CellResult, Finding, Verdict

Place = tuple[str, str, str]
"""Scenario, case and artifact."""
Content = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One finding and every cell that has it."""

    finding: Finding
    """The first of the equal ones; its step and position are those of that one."""
    cells: tuple[Place, ...]
    """Sorted."""
    clean: tuple[str, ...]
    """Artifacts on which none of these cases has the finding, sorted: the difference lies between them and the others."""

    @property
    def scenario(self) -> str:
        return self.cells[0][0]

    @property
    def scenarios(self) -> tuple[str, ...]:
        return tuple(sorted({scenario for scenario, _, _ in self.cells}))

    @property
    def artifacts(self) -> tuple[str, ...]:
        return tuple(sorted({artifact for _, _, artifact in self.cells}))

    @property
    def cases(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({(scenario, case) for scenario, case, _ in self.cells}))

    @property
    def diverges(self) -> bool:
        """Whether artifacts disagree: some have the finding, others were judged and do not."""
        return bool(self.clean)

    @property
    def place(self) -> str:
        """Where it occurs, or where first."""
        where = f"{self.scenario}, step {self.finding.step}" if self.finding.step else self.scenario
        return where if len(self.scenarios) == 1 else f"{where} and {_count(len(self.scenarios) - 1, 'more scenario')}"

    @property
    def reach(self) -> str:
        """How far the finding reaches; empty when it stands alone."""
        if len(self.cells) == 1:
            return ""
        what = "hunk" if self.finding.diff else "finding"
        return f"same {what} in {_count(len(self.artifacts), 'artifact')} and {_count(len(self.cases), 'case')}"

    @property
    def sentence(self) -> str:
        """What a failure says of it; empty when it stands alone."""
        return f"{self.reach}: one finding" if self.reach else ""


def group(results: Iterable[CellResult]) -> tuple[Group, ...]:
    """The findings of failed cells, equal ones together (``content``), in the order of scenario, place and content."""
    found: dict[Content, tuple[tuple[object, ...], Finding, dict[Place, None]]] = {}
    judged: dict[tuple[str, str], set[str]] = {}
    for result in results:
        if result.verdict in (Verdict.UNSUPPORTED, Verdict.HARNESS_ERROR):
            continue
        judged.setdefault((result.scenario, result.case), set()).add(result.artifact)
        if result.verdict is not Verdict.FAILED:
            continue
        cell = (result.scenario, result.case, result.artifact)
        for finding in result.findings:
            order = (*cell, *_order(finding))
            first, _, cells = found.setdefault(content(result.scenario, finding), (order, finding, {}))
            cells[cell] = None
            if order < first:
                found[content(result.scenario, finding)] = (order, finding, cells)
    groups = [_group(finding, tuple(sorted(cells)), judged) for _, finding, cells in found.values()]
    return tuple(sorted(groups, key=lambda item: (item.scenario, *_order(item.finding), item.cells)))


def content(scenario: str, finding: Finding) -> Content:
    """Equal for findings that are one.

    A hunk of an output is the same defect wherever it shows: in another case, step or scenario. An exit code, or a finding that has no hunk to show, is
    the same only within a step, because programs have few exit codes and many ways to come to them.
    """
    if finding.diff and finding.aspect != "exit":
        return finding.aspect, finding.check, hunk(finding.diff)
    return scenario, finding.step, finding.aspect, finding.check, finding.diff or finding.message


def hunk(diff: tuple[str, ...]) -> tuple[str, ...]:
    """What a difference comes to: the lines that went and came, without the unchanged ones around them and without the place."""
    return tuple(line for line in diff if not line.startswith(("  ", "@@")))


def _group(finding: Finding, cells: tuple[Place, ...], judged: dict[tuple[str, str], set[str]]) -> Group:
    everywhere = {artifact for scenario, case, _ in cells for artifact in judged[scenario, case]}
    return Group(finding, cells, tuple(sorted(everywhere - {artifact for _, _, artifact in cells})))


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.position.line, finding.position.column, finding.step, finding.aspect, finding.check, finding.diff, finding.message


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
