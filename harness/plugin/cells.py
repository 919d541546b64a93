"""Collection and execution: the part of the plugin that works in every process which runs cells."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from _pytest.runner import runtestprotocol

from harness.compare.golden_keys import golden_keys
from harness.ledger.apply import expired as expired_entries
from harness.ledger.apply import unused as unused_entries
from harness.ledger.entries import Ledger
from harness.load.scenarios import folder_loop, is_scenario
from harness.model.artifact import Artifact
from harness.model.scenario import Case, Scenario
from harness.model.verdict import CellResult
from harness.plugin.failure import wording
from harness.plugin.goldens import GoldenStore
from harness.plugin.items import EndlessFolder, ScenarioFile, ScenarioItem
from harness.plugin.ledgers import load_ledger
from harness.plugin.outcome import ATTRIBUTE
from harness.plugin.plan import PLAN, Plan, plan_of_worker
from harness.plugin.settings import Settings
from harness.plugin.shards import WHOLE
from harness.plugin.stopping import unwritable

if TYPE_CHECKING:
    from harness.plugin.engine import Engine

FACTS = pytest.StashKey[dict[str, object]]()
"""What collection found out, for the controller; see ``Cells.facts``."""
FROZEN_BEFORE: Final = gc.get_freeze_count()
"""What the collector left alone before there was a session: in Python 3.12 some hundred objects of the interpreter's own."""


class Cells:
    """Hooks of a process that runs cells; under xdist also loaded in the controller, where nothing is collected."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self._wording = wording(settings)
        self._ledger = Ledger(())
        self._engine: Engine | None = None
        self._files: list[ScenarioFile] = []
        self._deselected = 0
        self._settles = False

    @property
    def plan(self) -> Plan:
        return self.config.stash[PLAN]

    def pytest_sessionstart(self) -> None:
        handed = getattr(self.config, "workerinput", {}).get(ATTRIBUTE)
        if handed is not None:
            self.config.stash[PLAN] = plan_of_worker(self.settings, handed)
        self._ledger = load_ledger(self.settings.scenarios)
        # A session within a session leaves the collector to the outer one, or what it throws away would stay, too.
        self._settles = gc.get_freeze_count() <= FROZEN_BEFORE
        self._settle()

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """No folder of the tree is passed over for its name (pytest skips ``build`` and ``dist``), unless the caller ignores something."""
        inside = collection_path.is_relative_to(self.settings.scenarios) and collection_path.is_dir()
        if inside and not (self.config.getoption("ignore") or self.config.getoption("ignore_glob")):
            return False
        return None

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """pytest follows links; one that leads to a folder above it would be followed until names get too long."""
        if not path.is_relative_to(self.settings.scenarios) or folder_loop(path) is None:
            return None
        folder: EndlessFolder = EndlessFolder.from_parent(parent, path=path)
        return folder

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """pytest passes over a link to a file that is not there; here it is a scenario that cannot be read."""
        report = yield
        if isinstance(collector, pytest.Directory) and report.passed and collector.path.is_relative_to(self.settings.scenarios):
            dead = (path for path in sorted(collector.path.glob("*.toml")) if path.is_symlink() and not path.exists())
            report.result.extend(file for path in dead if (file := self.pytest_collect_file(path, collector)) is not None)
        return report

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
        if file_path.suffix != ".toml" or not is_scenario(file_path, self.settings.scenarios):
            return None
        artifacts = self.plan.artifacts.artifacts
        file: ScenarioFile = ScenarioFile.from_parent(
            parent, path=file_path, root=self.settings.scenarios, artifacts=artifacts, perform=self.perform, wording=self._wording
        )
        self._files.append(file)
        return file

    def perform(self, scenario: Scenario, case: Case, artifact: Artifact) -> CellResult:
        if self._engine is None:
            # Only now: a controller of workers and a run that only collects start without it.
            from harness.plugin.engine import Engine

            self._engine = Engine(self.settings, self.plan, self._ledger)
        return self._engine.perform(scenario, case, artifact)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Artifacts that are not selected are deselected, so that the run says how many cells it left out."""
        selected = self.plan.selected
        keep: list[pytest.Item] = []
        drop: list[pytest.Item] = []
        for item in items:
            (drop if isinstance(item, ScenarioItem) and item.artifact.id not in selected else keep).append(item)
        if drop:
            items[:] = keep
            config.hook.pytest_deselected(items=drop)

    def pytest_collection_finish(self) -> None:
        self._settle()

    def _settle(self) -> None:
        """Modules and items stay to the end; that the collector goes through them again and again, five times at the very end, was a tenth of a run."""
        if self._settles:
            gc.freeze()

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        selected = self.plan.selected
        self._deselected += sum(isinstance(item, ScenarioItem) and item.artifact.id in selected for item in items)

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """The phases of a cell are those of every test, but one that passes is told of once, by its verdict.

        Five messages in which nothing happened are half of what a cell costs, once they have to travel from a worker to the controller. When a cell
        begins and ends is only shown by a verbose run, and in a run of one process.
        """
        if not isinstance(item, ScenarioItem):
            return None
        told = not hasattr(self.config, "workerinput") or self.config.option.verbose > 0
        if told:
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if report.when == "call" or not report.passed:
                item.ihook.pytest_runtest_logreport(report=report)
        if told:
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        if self._engine is not None and (nextitem is None or nextitem.parent is not item.parent):
            self._engine.end_file()
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if isinstance(item, ScenarioItem):
            item.finish(report)
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._engine is not None:
            try:
                self._engine.close()
            except OSError as error:
                raise unwritable(error, self.settings) from None
        if not hasattr(self.config, "workerinput"):
            self.config.stash[FACTS] = self.facts(session)
        else:  # every worker collects the same, and any of them may die
            self.config.workeroutput[ATTRIBUTE] = self.facts(session)  # type: ignore[attr-defined]  # added by xdist

    def facts(self, session: pytest.Session) -> dict[str, object]:
        """Whether the whole tree was collected and nothing left out, and what nobody uses; in values that xdist can carry."""
        loaded = [file.scenario for file in self._files if file.loaded]
        on_disk = {path for path in self.settings.scenarios.rglob("*.toml") if is_scenario(path, self.settings.scenarios)}
        whole = {scenario.path for scenario in loaded} == on_disk
        selection = self.config.stash.get(WHOLE, None)
        facts: dict[str, object] = {
            "whole": whole,
            # What other shards run is left out of this run, not of the suite.
            "deselected": self._deselected - (selection.elsewhere if selection else 0),
            "whole_selection": {"cells": selection.cells, "sha256": selection.sha256} if selection else None,
            "cells": [item.nodeid for item in session.items if isinstance(item, ScenarioItem)] if not hasattr(self.config, "workerinput") else [],
            "goldens": [],
            "entries": [],
            "expired": [],
        }
        if whole:
            used = {key for scenario in loaded for case in scenario.cases for key in golden_keys(scenario, case)}
            facts["goldens"] = sorted(set(GoldenStore(self.settings.snapshots).keys()) - used)
            facts["expired"] = [f"{entry.position}: {entry.scenario} ({entry.owner})" for entry in expired_entries(self._ledger, datetime.now(UTC).date())]
            cells = ((s.id, case.id, artifact.id) for s in loaded for case in s.cases for artifact in self.plan.artifacts.artifacts)
            facts["entries"] = [f"{entry.position}: {entry.scenario}" for entry in unused_entries(self._ledger, cells)]
        return facts
