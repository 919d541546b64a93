"""Scenario files and cells as nodes of pytest.

A cell is a plain ``pytest.Item``: the base that pytest documents for tests that are not Python functions. It needs no fixtures, and
10,000 of them must be collected in seconds. It runs in pytest's own two phases: ``setup`` performs the cell, so that a fault of
the harness is an error, as everything is that goes wrong before a test can judge; ``runtest`` judges, so that a deviation is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.load.errors import ScenarioError
from harness.load.render import render
from harness.load.scenarios import folder_loop, load_file
from harness.model.artifact import Artifact
from harness.model.scenario import Case, Scenario
from harness.model.verdict import CellResult, Verdict
from harness.plugin.failure import Wording, failure_text, harness_error_text
from harness.plugin.levels import is_tolerated
from harness.plugin.outcome import attach

Perform = Callable[[Scenario, Case, Artifact], CellResult]


class CellFailed(Exception):
    """The artifact deviates from the scenario."""


class NoVerdict(Exception):
    """The cell came to no verdict through no fault of the artifact."""


class ScenarioItem(pytest.Item):
    """A case on an artifact, named ``case[artifact]``; a file without a case table has one case that carries the name of the file."""

    parent: ScenarioFile

    def __init__(self, *, case: Case, artifact: Artifact, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest builds nodes from keywords only
        self.case = case
        self.artifact = artifact
        self.result: CellResult | None = None

    @property
    def scenario(self) -> Scenario:
        return self.parent.scenario

    def setup(self) -> None:
        self.result = result = self.parent.perform(self.scenario, self.case, self.artifact)
        if result.verdict is Verdict.HARNESS_ERROR:
            raise NoVerdict(result.reason)
        if result.verdict is Verdict.UNSUPPORTED:
            pytest.skip(result.reason)

    def runtest(self) -> None:
        assert self.result is not None
        if self.result.verdict is Verdict.EXPECTED_FAILURE or is_tolerated(self.result):
            pytest.xfail(self.result.reason)  # does nothing under --runxfail, which then shows the failure
        if self.result.verdict is not Verdict.PASSED:
            raise CellFailed(self.result.reason)

    def teardown(self) -> None:
        self.result = None  # the bytes of 50,000 cells do not fit into memory

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> object:  # type: ignore[override]  # wider than the base's literals
        if self.result is not None and isinstance(excinfo.value, CellFailed):
            return failure_text(self.scenario, self.result, self.parent.wording)
        return super().repr_failure(excinfo)

    def finish(self, report: pytest.TestReport) -> None:
        """Complete the report of the phase that decided: pytest asks ``repr_failure`` after the second phase only."""
        decided = report.when == "call" or (report.when == "setup" and not report.passed)
        if self.result is None or not decided:
            return
        report.keywords = {}  # the parts of the node id, for every cell again, and nobody reads them
        report.duration = self.result.seconds  # of both phases: the cell was performed in the first one
        attach(report, self.scenario, self.result)
        if self.result.verdict is Verdict.HARNESS_ERROR:
            report.longrepr = harness_error_text(self.scenario, self.result, self.parent.wording)
        elif self.result.verdict is Verdict.UNSUPPORTED:
            path, line, _ = self.reportinfo()
            report.longrepr = (str(path), (line or 0) + 1, f"Skipped: {self.result.reason}")

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        line = self.case.position.line if self.case.position else 1
        return self.path, line - 1, f"{self.scenario.id} :: {self.name}"


class ScenarioFile(pytest.File):
    """A scenario file; collecting it loads it, and every mistake in it is reported at once."""

    scenario: Scenario

    def __init__(self, *, root: Path, artifacts: tuple[Artifact, ...], perform: Perform, wording: Wording, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest builds nodes from keywords only
        self.root = root
        self.artifacts = artifacts
        self.perform = perform
        self.wording = wording

    @property
    def loaded(self) -> bool:
        return hasattr(self, "scenario")

    def collect(self) -> Iterator[ScenarioItem]:
        self.scenario = load_file(self.path, self.root)
        self.extra_keyword_matches.update({self.scenario.level.value, *self.scenario.tags})
        for case in self.scenario.cases:
            for artifact in self.artifacts:
                name = item_name(self.scenario, case, artifact.id)
                # Given as text, the id is taken apart into case and artifact; pytest looks for last failures by these parts.
                yield ScenarioItem.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}", case=case, artifact=artifact)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:  # type: ignore[override]  # the base allows str or TerminalRepr, which is what comes
        if isinstance(excinfo.value, ScenarioError):
            return "\n".join(render(diagnostic) for diagnostic in excinfo.value.diagnostics)
        return super().repr_failure(excinfo)


def item_name(scenario: Scenario, case: Case, artifact: str) -> str:
    return f"{case.id or scenario.path.stem}[{artifact}]"


class EndlessFolder(pytest.Directory):
    """A link in the tree that leads to a folder which it lies in. Nothing is collected from it, and that is an error."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        loop = folder_loop(self.path)
        if loop is not None:
            raise ScenarioError((loop,))
        return iter(())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:  # type: ignore[override]  # the base allows str or TerminalRepr, which is what comes
        if isinstance(excinfo.value, ScenarioError):
            return "\n".join(render(diagnostic) for diagnostic in excinfo.value.diagnostics)
        return super().repr_failure(excinfo)
