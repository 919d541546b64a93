"""The engine as one process of a run has it: built when the first cell needs it, closed at the end of the session."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

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
from harness.plugin.failure import raw_path, raw_streams
from harness.plugin.goldens import GoldenStore
from harness.plugin.plan import Plan
from harness.plugin.settings import Settings


class Engine:
    """Performs cells one after the other."""

    def __init__(self, settings: Settings, plan: Plan, ledger: Ledger) -> None:
        self._settings = settings
        self._plan = plan
        self._ledger = ledger
        self._today = datetime.now(UTC).date()
        self._open = ExitStack()
        self._services: Services | None = None

    def perform(self, scenario: Scenario, case: Case, artifact: Artifact) -> CellResult:
        """The verdict of a cell, known differences applied; the raw output of a cell that is not as it should be is kept."""
        if self._services is None:
            self._services = self._start()
        result = apply(run_cell(scenario, case, artifact, self._services), self._ledger, self._today)
        if self._settings.update:
            result = defer(result)
        if result.verdict in (Verdict.FAILED, Verdict.HARNESS_ERROR):
            self._write_raw(result)
        return result

    def close(self) -> None:
        self._open.close()
        self._services = None

    def _start(self) -> Services:
        keep = self._settings.keep
        return Services(
            sandboxes=self._open.enter_context(SandboxRoot.create(keep=keep)),
            servers=self._open.enter_context(open_servers()),
            goldens=GoldenStore(self._settings.snapshots),
            spawner=LocalSpawner(),
            keep=keep,
        )

    def _write_raw(self, result: CellResult) -> None:
        for observation in result.observations:
            for stream in raw_streams(observation):
                path = self._plan.directory / raw_path(result, observation.step, stream)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(observation.stdout if stream == "stdout" else observation.stderr)
