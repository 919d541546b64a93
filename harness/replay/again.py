"""Runs the cell of a capsule again, on any artifact, with recorded servers in the place of the real ones.

The engine is the one of every run: the scenario's own files are laid out again, its steps are performed as they stand, and whatever the program asks a
server is answered from the recording. What is compared is not the scenario's expectation but what was observed then and now.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.execute.cell import run_cell
from harness.execute.process import LocalSpawner
from harness.execute.record import CellRecord, record_of
from harness.execute.sandbox import SandboxRoot
from harness.execute.services import LeasedServer, Services, Share
from harness.faults import ServerFault
from harness.load.errors import ScenarioError
from harness.load.render import render_all
from harness.load.scenarios import load_file
from harness.model.artifact import Artifact
from harness.model.scenario import Case, Scenario
from harness.model.traffic import Exchange
from harness.model.verdict import CellResult, Verdict
from harness.replay.capsule import Capsule, CapsuleError
from harness.replay.server import ReplayServer
from harness.servers.tls import TlsError, read_tls


class ReplayError(Exception):
    """The capsule cannot be run on this artifact here, so nothing was learned; the text says why."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The second run, and whether its order of requests means anything."""

    result: CellResult
    record: CellRecord
    concurrent: bool


def replay(capsule: Capsule, artifact: Artifact) -> Replayed:
    """Run it; raises ``ReplayError`` when it cannot be done and ``CapsuleError`` when the scenario in the capsule is none."""
    if capsule.incomplete:
        raise ReplayError(f"the answers of {', '.join(capsule.incomplete)} were too large to be recorded whole, so they cannot be given again")
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        scenario, case = _laid_out(capsule, Path(folder))
        with SandboxRoot.create() as sandboxes:
            services = Services(_Recorded(capsule), _Goldens(capsule.goldens), sandboxes, LocalSpawner(), record=True)
            result = run_cell(scenario, case, artifact, services)
    record = record_of(result)
    if result.verdict in (Verdict.HARNESS_ERROR, Verdict.UNSUPPORTED) or record is None:
        raise ReplayError(f"{capsule.name} on {artifact.id}: {result.reason or 'no result'}")
    return Replayed(result, record, _is_concurrent(scenario))


def _laid_out(capsule: Capsule, folder: Path) -> tuple[Scenario, Case]:
    for name, data in capsule.sources.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    try:
        scenario = load_file(folder / f"{capsule.scenario}.toml", folder)
    except (ScenarioError, ValueError) as error:
        text = render_all(error.diagnostics) if isinstance(error, ScenarioError) else str(error)
        raise CapsuleError(f"the scenario in the capsule cannot be loaded\n{text}") from None
    case = next((case for case in scenario.cases if case.id == capsule.case), None)
    if case is None or {server.name for server in scenario.servers} != capsule.traffic.keys():
        raise CapsuleError("the scenario in the capsule is another one than it names: the case is not there, or it has other servers")
    return scenario, case


def _is_concurrent(scenario: Scenario) -> bool:
    """Whether two processes may talk to a server at the same time, so that the order of requests is nobody's doing."""
    return any(step.program or (step.repeat is not None and step.repeat.workers > 1) for step in (*scenario.steps, *scenario.always))


@dataclass(frozen=True, slots=True)
class _Goldens:
    texts: Mapping[str, str]

    def read(self, key: str) -> str | None:
        return self.texts.get(key)


class _Recorded:
    """Lends recorded servers in the order in which the scenario names them."""

    def __init__(self, capsule: Capsule) -> None:
        self._left: list[tuple[str, str, tuple[Exchange, ...]]] = [(name, capsule.subject.servers[name], capsule.traffic[name]) for name in capsule.traffic]
        order = list(capsule.subject.servers)
        self._left.sort(key=lambda item: order.index(item[0]))

    @contextmanager
    def lease(self, use: str, settings: Mapping[str, object], shared: Share | None = None) -> Iterator[LeasedServer]:
        """The recording of one cell, which is all of it also where the cell shared its server."""
        try:
            tls = read_tls(settings["tls"]) if "tls" in settings else None
        except TlsError as error:
            raise ServerFault(str(error)) from None
        server = ReplayServer(*self._left.pop(0), tls)
        try:
            yield server
        finally:
            server.close()

    def end_shared(self) -> None:
        """Nothing outlives its cell here."""
