"""One marked step in surroundings of its own: leased servers, a sandbox, and the engine that performs the step once on each artifact.

What an artifact prints then, with everything that the scenario says of it holding, is what every timed run has to print again. The step runs under the same
arguments, environment, directory and servers in both; only the clock is different.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.execute.capabilities import unsupported
from harness.execute.context import CellContext
from harness.execute.outcome import Progress
from harness.execute.sandbox import Sandbox
from harness.execute.scope import Scope
from harness.execute.services import LeasedServer, Services
from harness.execute.steps import StepLoop
from harness.execute.world import CellWorld
from harness.faults import HarnessFault
from harness.model.artifact import Artifact
from harness.model.observation import Observation
from harness.model.scenario import Case, Scenario
from harness.model.step import Step
from harness.model.template import fill, fill_value
from harness.model.verdict import Finding
from harness.perf.marked import Proof, Scene, SceneError
from harness.perf.place import Place
from harness.transport.base import Transport


@contextmanager
def open_scene(scenario: Scenario, case: Case, step: Step, services: Services) -> Iterator[Scene]:
    """Raises ``SceneError`` when there is no server or sandbox to be had."""
    alone = _alone(scenario, step)
    with ExitStack() as stack:
        try:
            sandbox = stack.enter_context(services.sandboxes.cell())
            servers = stack.enter_context(_leased(alone, case, sandbox, services))
            workspace = Path(stack.enter_context(TemporaryDirectory(prefix="timing-")))
            scene = StepScene(alone, case, services, sandbox, servers, _place(alone, case, sandbox, servers, services, workspace))
        except HarnessFault as fault:
            raise SceneError(f"its surroundings could not be had: {fault}") from fault
        yield scene


@dataclass(frozen=True, slots=True)
class StepScene:
    """The ``Scene`` of a scenario that has no other step."""

    scenario: Scenario
    case: Case
    services: Services
    sandbox: Sandbox
    servers: Mapping[str, LeasedServer]
    place: Place

    def prove(self, artifact: Artifact, transport: Transport) -> Proof:
        """Perform the step as in a functional run."""
        if reason := unsupported(self.scenario, artifact, transport):
            return Proof(fault=f"unsupported: {reason}")
        progress = Progress()
        try:
            self._perform(artifact, transport, progress)
            dead = sorted(name for name, server in self.servers.items() if not server.alive())
            changed = "" if dead else _changed(self.servers)
        except HarnessFault as fault:
            return Proof(fault=f"it could not be performed: {fault}")
        if dead:
            return Proof(fault=f"server {', '.join(dead)} died")
        if progress.findings:
            return Proof(fault=_told(progress.findings))
        return Proof(fault=changed) if changed else _proof(progress.observations[-1])

    def _perform(self, artifact: Artifact, transport: Transport, progress: Progress) -> None:
        scope = Scope(self.scenario, self.case, str(self.sandbox.work))
        world = CellWorld(self.scenario, artifact, transport, self.services, self.sandbox, scope)
        context = CellContext(self.scenario, self.case, world, scope, self.services.goldens, progress.observations)
        world.prepare(self.servers)
        StepLoop(world, context, scope, self.services.clock, progress).run(self.scenario.steps)


def _alone(scenario: Scenario, step: Step) -> Scenario:
    """The scenario as if it had nothing but this step, once: what is gathered over repeated runs is the business of the functional run."""
    once = step if step.repeat is None else replace(step, repeat=None, gathers=(), gather_checks=())
    return replace(scenario, steps=(once,), always=())


@contextmanager
def _leased(scenario: Scenario, case: Case, sandbox: Sandbox, services: Services) -> Iterator[Mapping[str, LeasedServer]]:
    """The scenario's servers, fresh, and nobody else's as long as the step is timed."""
    scope = Scope(scenario, case, str(sandbox.work))
    with ExitStack() as leases:
        found: dict[str, LeasedServer] = {}
        for server in scenario.servers:
            settings = fill_value(dict(server.settings), scope.real)
            assert isinstance(settings, dict), "a table stays a table when its values are filled in"
            found[server.name] = leases.enter_context(services.servers.lease(server.use, settings))
            scope.add_server(server.name, found[server.name].url)
        yield found


def _place(scenario: Scenario, case: Case, sandbox: Sandbox, servers: Mapping[str, LeasedServer], services: Services, workspace: Path) -> Place:
    """What the engine gives every process of the step: its directory, its whole environment, its standard input."""
    scope = Scope(scenario, case, str(sandbox.work))
    for name, server in servers.items():
        scope.add_server(name, server.url)
    (step,) = scenario.steps
    variables = {name: fill(value, scope.real) for name, value in (*scenario.env.items(), *step.env.items())}
    stdin = None
    if step.stdin is not None:
        stdin = workspace / "stdin"
        stdin.write_bytes(fill(step.stdin, scope.real).encode())
    return Place(workspace, {**services.environment(sandbox.environment()), **variables}, sandbox.directory(step.cwd or scenario.cwd), stdin)


def _changed(servers: Mapping[str, LeasedServer]) -> str:
    """What no file can say: that the command itself changes what a server holds, so that the second run would not be like the first."""
    changes = ((name, change) for name, server in servers.items() for change in server.changes())
    return next((f"it changes what server {name} holds ({change.method} {change.target}), so no two runs are alike" for name, change in changes), "")


def _told(findings: list[Finding]) -> str:
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"the step does not hold when it is run by itself: {first.message}{more}"


def _proof(seen: Observation) -> Proof:
    if seen.exit is None or seen.exit.code is None:
        return Proof(fault=f"it ends by {seen.exit}; only runs that end by themselves are timed")
    if seen.cut:
        return Proof(fault="it prints more than a step keeps, so that timed runs could not be checked")
    return Proof(seen.argv, seen.exit.code, hashlib.sha256(seen.stdout).hexdigest(), hashlib.sha256(seen.stderr).hexdigest(), seen.seconds)
