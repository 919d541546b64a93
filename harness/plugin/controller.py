"""The one process that decides for the whole run: what is tested before it, what is written and whether it passed after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from harness.coverage.exercise import put_together
from harness.execute.claims import sweep
from harness.model.verdict import Verdict
from harness.perf.errors import TimingLockError
from harness.perf.lock import functional_lock
from harness.plugin.aftermath import complete_failures, write_pending
from harness.plugin.cells import FACTS
from harness.plugin.folder import RunFolder
from harness.plugin.goldens import GoldenError, GoldenStore
from harness.plugin.outcome import ATTRIBUTE, Outcome, artifact_of, lost_cell, node_of, outcome_of, slim, status
from harness.plugin.perturbing import obstacles
from harness.plugin.plan import PLAN, Plan, make_plan, not_run_rows
from harness.plugin.results import Span, run_of, write_results
from harness.plugin.settings import Settings
from harness.plugin.stopping import unwritable
from harness.plugin.summary import Summary, print_summary
from harness.report.events import CellEvent, NotRunEvent, write
from harness.review.agreement import Refusal, Report, Write, settle
from harness.review.origins import NAME as INDEX
from harness.review.origins import Origin, Origins, OriginsError, origin_of


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
        self._began = datetime.now(UTC)
        self._folder: RunFolder | None = None
        self._outcomes: dict[str, Outcome] = {}
        self._failed: list[pytest.TestReport] = []
        self._planned: list[str] = []
        self._broken: dict[str, str] = {}
        self._worker_facts: Mapping[str, object] | None = None
        self._summary: Summary | None = None
        self._obstacles: tuple[NotRunEvent, ...] = ()

    @property
    def plan(self) -> Plan:
        return self.config.stash[PLAN]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        try:
            self._open.enter_context(functional_lock(self.settings.root))
            self._folder = RunFolder.create(self.settings.root / ".harness")
            sweep()  # the sandboxes of runs that were killed
        except TimingLockError as error:
            raise pytest.UsageError(str(error)) from None
        except OSError as error:
            where = f"{error.filename}: results cannot be written there: " if error.filename else ""
            raise pytest.UsageError(f"{where}{error.strerror or error}") from None
        self._open.callback(self._folder.discard)
        self.config.stash[PLAN] = make_plan(self.settings, self._folder.path)
        self._obstacles = obstacles(self.settings)
        if self.settings.perturb and len(self._obstacles) == len(self.settings.perturb):
            raise pytest.UsageError("nothing can be run: " + "; ".join(f"{row.what}: {row.why}" for row in self._obstacles))

    def pytest_unconfigure(self) -> None:
        self._open.close()

    def pytest_report_header(self) -> list[str]:
        names = ", ".join(artifact.id for artifact in self.plan.selection.artifacts)
        missing = {row.what.rpartition(" ")[2] for row in self._obstacles}
        under = ", ".join(name for name in self.settings.perturb if name not in missing)
        return [f"artifacts of {self.plan.artifacts.program}: {names}", *([f"each cell under: {under}"] if under else [])]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Node) -> None:
        node.workerinput[ATTRIBUTE] = self.plan.for_worker()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._planned = [node_id for node_id in ids if self._is_cell(node_id)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Node, error: object) -> None:
        facts = getattr(node, "workeroutput", {}).get(ATTRIBUTE)
        if facts is not None:
            self._worker_facts = facts
        if error:
            sweep()  # a worker that was killed: the programs that it was running must not disturb the cells of the others

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        # A scenario file, or a folder of the tree that has no end.
        if report.failed and (report.nodeid.endswith(".toml") or (self.config.rootpath / report.nodeid).is_relative_to(self.settings.scenarios)):
            first = next(iter(report.longreprtext.strip().splitlines()), "")
            self._broken[report.nodeid] = f"cannot be loaded: {first.removeprefix(report.nodeid).lstrip(':')}"

    @pytest.hookimpl(trylast=True)  # what is kept of the report is decided when everybody has seen the whole of it
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = outcome_of(report)
        if outcome is None and report.failed and report.nodeid not in self._outcomes:
            outcome = lost_cell(report, self.config.rootpath, self.settings.scenarios)
        if outcome is not None:
            self._outcomes[report.nodeid] = outcome
            if report.failed:
                self._failed.append(report)
            if report.passed:
                slim(report)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        return status(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        lost = session.exitstatus in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR)
        if self.config.option.collectonly or self._folder is None or lost:
            return
        try:
            self._conclude(session, self._folder)
        except OSError as error:
            raise unwritable(error, self.settings) from None

    def _conclude(self, session: pytest.Session, folder: RunFolder) -> None:
        facts = self._worker_facts or self.config.stash.get(FACTS, {})
        planned = self._planned or [node_id for node_id in _texts(facts, "cells") if self._is_cell(node_id)]
        undisturbed = facts.get("whole") is True and not facts.get("deselected")
        goldens = _texts(facts, "goldens") if undisturbed and self.settings.unused != "ignored" else []
        writes, refusals, removed = self._update(planned, goldens)
        store = GoldenStore(self.settings.snapshots)
        complete_failures(self._failed, self._outcomes, self.plan.artifacts.reference, store, every=self.config.option.verbose >= 2)
        # What holds under changed circumstances only is nothing that anybody could accept as the expected output.
        pending = not self.settings.perturb and write_pending(
            folder.path,
            self.plan,
            self._outcomes,
            _artifacts_by_case(planned),
            store,
            frozenset(refusal.key for refusal in refusals),
        )
        events = tuple(outcome.event for outcome in self._outcomes.values())
        self._summary = Summary(
            artifacts=tuple(artifact.id for artifact in self.plan.selection.artifacts),
            cells=events,
            not_run=(*(NotRunEvent(row.what, row.why) for row in not_run_rows(self.plan)), *self._obstacles),
            stopped=self._stopped(planned),
            written=tuple(item.key for item in writes),
            refused=tuple(refusals),
            removed=tuple(removed),
            unused=tuple(key for key in goldens if key not in removed),
            unused_entries=tuple(_texts(facts, "entries")) if undisturbed else (),
            expired_entries=tuple(_texts(facts, "expired")) if undisturbed else (),
            pending=pending,
            # What a single shard holds says nothing about the suite; its whole is judged when the shards are merged.
            nothing_ran=len(planned) == len(events) > 0 and self.settings.shard is None and not any(_ran(event) for event in events),
            empty=not planned and not self._broken and not facts.get("deselected") and not self.config.option.keyword and not _others(facts),
            empty_shard=not planned and bool(_others(facts)),
        )
        run = run_of(self.settings, self.plan, self._summary, facts, Span.until_now(self._began))
        write(folder.path / "events.jsonl", run)
        if not self.settings.perturb:
            cases = len({(event.scenario, event.case) for event in events})
            source = f"the run of {cases} cases on {', '.join(artifact.id for artifact in self.plan.selection.artifacts)}"
            put_together(folder.path, source, whole=undisturbed and not self._summary.stopped)
        folder.publish()
        self._summary = replace(self._summary, unwritten=write_results(run, self.settings))
        if self._summary.is_red(self.settings) and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._summary is not None:
            print_summary(terminalreporter, self._summary, self.settings)

    def _is_cell(self, node_id: str) -> bool:
        return ".toml::" in node_id and node_id.endswith("]")

    def _stopped(self, planned: Sequence[str]) -> tuple[NotRunEvent, ...]:
        """What was selected and did not come to be run."""
        rows = [NotRunEvent(path, reason) for path, reason in self._broken.items()]
        missed = [node_id for node_id in planned if node_id not in self._outcomes]
        if missed:
            rows.append(NotRunEvent(f"{len(missed)} cells", f"the run was stopped before them; the first is {missed[0]}"))
        return tuple(rows)

    def _update(self, planned: Sequence[str], unused: Sequence[str]) -> tuple[list[Write], list[Refusal], list[str]]:
        """Write what all artifacts agree on, remove what nobody uses; what the file system refuses is reported, not raised."""
        if not self.settings.update:
            return [], [], []
        reports = [Report(item.node, item.event.artifact, item.event.verdict, item.uses) for item in self._outcomes.values()]
        writes, refusals = settle(reports, _artifacts_by_case(planned), new_only=self.settings.new_only)
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
        try:
            Origins(store.root).record({item.key: (item.text, self._origin(item)) for item in done}, removed)
        except OriginsError as error:
            refusals.append(Refusal(INDEX, str(error)))
        return done, refusals, removed

    def _origin(self, item: Write) -> Origin:
        return origin_of(item.artifacts, self.plan.artifacts.reference, {artifact.id: artifact.version for artifact in self.plan.selection.artifacts})


def _artifacts_by_case(planned: Sequence[str]) -> dict[str, frozenset[str]]:
    """Node id without the artifact to the artifacts that were to run it."""
    artifacts: dict[str, set[str]] = {}
    for node_id in planned:
        artifacts.setdefault(node_of(node_id), set()).add(artifact_of(node_id))
    return {case: frozenset(ids) for case, ids in artifacts.items()}


def _others(facts: Mapping[str, object]) -> int:
    """How many cells were selected before they were divided into shards."""
    whole = facts.get("whole_selection")
    return int(whole["cells"]) if isinstance(whole, dict) else 0


def _ran(event: CellEvent) -> bool:
    return event.verdict is not Verdict.UNSUPPORTED


def _texts(facts: Mapping[str, object], key: str) -> list[str]:
    value = facts.get(key)
    return [str(item) for item in value] if isinstance(value, list) else []
