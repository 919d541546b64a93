"""The one process that decides for the whole run: what is tested before it, what is written and whether it passed after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Protocol

import pytest

from harness.model.verdict import Verdict
from harness.perf.errors import TimingLockError
from harness.perf.lock import functional_lock
from harness.plugin.agreement import Refusal, Report, Write, settle
from harness.plugin.cells import FACTS
from harness.plugin.folder import RunFolder
from harness.plugin.goldens import GoldenError, GoldenStore
from harness.plugin.outcome import ATTRIBUTE, Outcome, artifact_of, lost_cell, node_of, outcome_of, status
from harness.plugin.plan import PLAN, Plan, make_plan, not_run_rows
from harness.plugin.settings import Settings
from harness.plugin.summary import Summary, print_summary
from harness.report.events import CellEvent, NotRunEvent, Run, artifact_event, write


class Node(Protocol):
    """A worker as xdist hands it to hooks."""

    workerinput: dict[str, object]
    workeroutput: Mapping[str, Mapping[str, object]]


class Controller:
    """Hooks of the process that the user started."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self._open = ExitStack()
        self._folder: RunFolder | None = None
        self._outcomes: dict[str, Outcome] = {}
        self._planned: list[str] = []
        self._broken: dict[str, str] = {}
        self._worker_facts: Mapping[str, object] | None = None
        self._summary: Summary | None = None

    @property
    def plan(self) -> Plan:
        return self.config.stash[PLAN]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        try:
            self._open.enter_context(functional_lock(self.settings.root))
            self._folder = RunFolder.create(self.settings.root / ".harness")
        except TimingLockError as error:
            raise pytest.UsageError(str(error)) from None
        except OSError as error:
            raise pytest.UsageError(f"{error.filename}: results cannot be written there: {error.strerror}") from None
        self._open.callback(self._folder.discard)
        self.config.stash[PLAN] = make_plan(self.settings, self._folder.path)

    def pytest_unconfigure(self) -> None:
        self._open.close()

    def pytest_report_header(self) -> list[str]:
        names = ", ".join(artifact.id for artifact in self.plan.selection.artifacts)
        return [f"artifacts of {self.plan.artifacts.program}: {names}"]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Node) -> None:
        node.workerinput[ATTRIBUTE] = self.plan.for_worker()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._planned = [node_id for node_id in ids if self._is_cell(node_id)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Node) -> None:
        facts = getattr(node, "workeroutput", {}).get(ATTRIBUTE)
        if facts is not None:
            self._worker_facts = facts

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and report.nodeid.endswith(".toml"):
            first = next(iter(report.longreprtext.strip().splitlines()), "")
            self._broken[report.nodeid] = f"cannot be loaded: {first.removeprefix(report.nodeid).lstrip(':')}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = outcome_of(report)
        if outcome is None and report.failed and report.nodeid not in self._outcomes:
            outcome = lost_cell(report, self.config.rootpath, self.settings.scenarios)
        if outcome is not None:
            self._outcomes[report.nodeid] = outcome

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        return status(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        lost = session.exitstatus in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR)
        if self.config.option.collectonly or self._folder is None or lost:
            return
        facts = self._worker_facts or self.config.stash.get(FACTS, {})
        planned = self._planned or [node_id for node_id in _texts(facts, "cells") if self._is_cell(node_id)]
        undisturbed = facts.get("whole") is True and not facts.get("deselected")
        goldens = _texts(facts, "goldens") if undisturbed and self.settings.unused != "ignored" else []
        writes, refusals, removed = self._update(planned, goldens)
        events = tuple(outcome.event for outcome in self._outcomes.values())
        self._summary = Summary(
            artifacts=tuple(artifact.id for artifact in self.plan.selection.artifacts),
            cells=events,
            not_run=self._not_run(planned),
            written=tuple(item.key for item in writes),
            refused=tuple(refusals),
            removed=tuple(removed),
            unused=tuple(key for key in goldens if key not in removed),
            unused_entries=tuple(_texts(facts, "entries")) if undisturbed else (),
            nothing_ran=bool(planned) and not any(_ran(event) for event in events),
            empty=not planned and not self._broken and not facts.get("deselected") and not self.config.option.keyword,
        )
        artifacts = tuple(artifact_event(artifact) for artifact in self.plan.selection.artifacts)
        write(self._folder.path / "events.jsonl", Run(self.plan.artifacts.program, artifacts, events, self._summary.not_run))
        self._folder.publish()
        if self._summary.is_red(self.settings) and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._summary is not None:
            print_summary(terminalreporter, self._summary, self.settings)

    def _is_cell(self, node_id: str) -> bool:
        return ".toml::" in node_id and node_id.endswith("]")

    def _not_run(self, planned: Sequence[str]) -> tuple[NotRunEvent, ...]:
        rows = [NotRunEvent(row.what, row.why) for row in not_run_rows(self.plan)]
        rows += [NotRunEvent(path, reason) for path, reason in self._broken.items()]
        missed = [node_id for node_id in planned if node_id not in self._outcomes]
        if missed:
            rows.append(NotRunEvent(f"{len(missed)} cells", f"the run was stopped before them; the first is {missed[0]}"))
        return tuple(rows)

    def _update(self, planned: Sequence[str], unused: Sequence[str]) -> tuple[list[Write], list[Refusal], list[str]]:
        """Write what all artifacts agree on, remove what nobody uses; what the file system refuses is reported, not raised."""
        if not self.settings.update:
            return [], [], []
        artifacts: dict[str, set[str]] = {}
        for node_id in planned:
            artifacts.setdefault(node_of(node_id), set()).add(artifact_of(node_id))
        reports = [Report(item.node, item.event.artifact, item.event.verdict, item.uses) for item in self._outcomes.values()]
        writes, refusals = settle(reports, {case: frozenset(ids) for case, ids in artifacts.items()}, new_only=self.settings.new_only)
        store = GoldenStore(self.settings.snapshots)
        done: list[Write] = []
        removed: list[str] = []
        for item in writes:
            try:
                store.write(item.key, item.text)
                done.append(item)
            except GoldenError as error:
                refusals.append(Refusal(item.key, str(error)))
        for key in unused if self.settings.clean_up and not self._broken else ():
            try:
                store.remove(key)
                removed.append(key)
            except GoldenError as error:
                refusals.append(Refusal(key, str(error)))
        return done, refusals, removed


def _ran(event: CellEvent) -> bool:
    return event.verdict is not Verdict.UNSUPPORTED


def _texts(facts: Mapping[str, object], key: str) -> list[str]:
    value = facts.get(key)
    return [str(item) for item in value] if isinstance(value, list) else []
