"""Lists that a step collects over its runs: filled run by run in their order, looked at once when the last one is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.compare.gathered import LIMIT, check_gathered, gather_values
from harness.model.observation import Observation
from harness.model.step import Step
from harness.model.verdict import Finding


class Gathering:
    """The lists of one step. A step that gathers nothing costs nothing here."""

    __slots__ = ("_lists", "_runs", "_step")

    def __init__(self, step: Step) -> None:
        self._step = step
        self._lists: dict[str, list[object]] = {gather.name: [] for gather in step.gathers}
        self._runs = 0

    @property
    def lists(self) -> Mapping[str, list[object]]:
        return self._lists

    def add(self, observation: Observation) -> tuple[Finding, ...]:
        """What the next run brought; a finding for each list that cannot be read from it."""
        self._runs += 1
        findings: list[Finding] = []
        for gather in self._step.gathers:
            values = self._lists[gather.name]
            try:
                values.extend(gather_values(gather, observation))
                problem = f"more than {LIMIT} values" if len(values) > LIMIT else ""
            except ValueError as error:
                problem = str(error)
            if problem:
                name, which = gather.name.rpartition(".")[2], f" from run {self._runs}" if self._runs > 1 else ""
                findings.append(Finding(self._step.id, "gather", f'"{name}" cannot be gathered{which}: {problem}', gather.position, (), "gather"))
        return tuple(findings)

    def finish(self, resolve: Callable[[object], object]) -> tuple[Finding, ...]:
        """What the whole lists deviate in."""
        return tuple(check_gathered(self._step, self._lists, resolve))
