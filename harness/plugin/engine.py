"""The engine as one process of a run has it: built when the first cell needs it, closed at the end of the session."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from harness.coverage.exercise import ExerciseLog
from harness.execute.cell import run_cell
from harness.execute.process import LocalSpawner
from harness.execute.sandbox import SandboxRoot
from harness.execute.servers import open_servers
from harness.execute.services import Services
from harness.ledger.apply import apply
from harness.ledger.entries import Ledger
from harness.model.artifact import Artifact
from harness.model.scenario import Case, Scenario
from harness.model.verdict import CellResult, Verdict
from harness.plugin.agreement import defer
from harness.plugin.goldens import GoldenStore
from harness.plugin.keeping import Keeper
from harness.plugin.levels import HistoryError, LastRelease, weigh
from harness.plugin.perturbing import Circumstance, circumstances, together
from harness.plugin.plan import Plan
from harness.plugin.settings import Settings
from harness.transport.registry import transport_for


class Engine:
    """Performs cells one after the other."""

    def __init__(self, settings: Settings, plan: Plan, ledger: Ledger) -> None:
        self._settings = settings
        self._plan = plan
        self._ledger = ledger
        self._today = datetime.now(UTC).date()
        self._open = ExitStack()
        self._services: Services | None = None
        self._circumstances: tuple[Circumstance, ...] = ()
        self._release = LastRelease(settings.root / "reports")
        self._goldens = GoldenStore(settings.snapshots)
        self._log = ExerciseLog(plan.directory)
        self._keeper = Keeper(plan.directory, settings.scenarios, plan.artifacts.program, self._goldens, settings.raw, settings.capsules)

    def perform(self, scenario: Scenario, case: Case, artifact: Artifact) -> CellResult:
        """The verdict of a cell, known differences applied; the raw output of a cell that is not as it should be is kept."""
        if self._services is None:
            self._services = self._start()
        result = self._result(scenario, case, artifact, self._services)
        if self._settings.update:
            result = defer(result)
        result = self._weighed(result, scenario)
        try:
            if result.verdict is Verdict.PASSED and not self._settings.perturb:
                self._log.add(result.observations, len(transport_for(artifact).argv(artifact, ())))
            kept = self._keeper.keep(result, scenario, artifact)
        except OSError as error:
            return replace(result, verdict=Verdict.HARNESS_ERROR, reason=f"what is to be kept of the cell cannot be written: {error}")
        return replace(result, details={**result.details, "kept": kept}) if kept else result

    def _result(self, scenario: Scenario, case: Case, artifact: Artifact, services: Services) -> CellResult:
        if not self._settings.perturb:
            return apply(run_cell(scenario, case, artifact, services), self._ledger, self._today)
        results = []
        for item in self._circumstances:
            item.spawner.begin()
            result = apply(run_cell(scenario, case, artifact, item.services), self._ledger, self._today)
            results.append((item.perturbation.name, item.settled(result)))
        return together(results)

    def _weighed(self, result: CellResult, scenario: Scenario) -> CellResult:
        try:
            return weigh(result, scenario, self._release)
        except HistoryError as error:
            return replace(result, verdict=Verdict.HARNESS_ERROR, reason=str(error))

    def end_file(self) -> None:
        """No cell of the same file comes next: what its cases shared is let go."""
        if self._services is not None:
            self._services.servers.end_shared()

    def close(self) -> None:
        try:
            self._log.close()
        finally:
            self._open.close()
            self._services = None

    def _start(self) -> Services:
        keep = self._settings.keep
        servers = self._open.enter_context(open_servers())
        if self._settings.perturb:
            self._circumstances = circumstances(self._settings, servers, self._goldens, self._open)
        return Services(
            sandboxes=self._open.enter_context(SandboxRoot.create(keep=keep)),
            servers=servers,
            goldens=self._goldens,
            spawner=LocalSpawner(),
            record=self._settings.capsules,
            keep=keep,
        )
