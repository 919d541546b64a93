"""What the verbs of one cell may do: the ``World`` of ``harness.verbs.base`` over a sandbox, leased servers and a spawner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.execute.handles import StepServer
from harness.execute.limits import step_limit
from harness.execute.process import ProcessSpec
from harness.execute.sandbox import Sandbox
from harness.execute.scope import Scope
from harness.execute.services import LeasedServer, Services
from harness.faults import HarnessFault
from harness.model.artifact import Artifact
from harness.model.observation import FileDelta, Observation
from harness.model.scenario import Scenario
from harness.model.step import Step
from harness.model.template import Template, fill, fill_arguments, fill_value
from harness.model.verdict import Finding
from harness.normalise.registry import normalise
from harness.normalise.subject import Subject
from harness.transport.base import Transport


class CellWorld:
    """One cell's view of the world. ``begin`` names the step whose limits apply from then on."""

    def __init__(self, scenario: Scenario, artifact: Artifact, transport: Transport, services: Services, sandbox: Sandbox, scope: Scope) -> None:
        self._scenario = scenario
        self._artifact = artifact
        self._transport = transport
        self._services = services
        self._sandbox = sandbox
        self._scope = scope
        self._servers: dict[str, LeasedServer] = {}
        self._step: Step | None = None
        self._temporary: frozenset[str] = frozenset()
        self._cwd: Path | None = None
        self._environment: Mapping[str, str] = {}
        self.subject = Subject(artifact, sandbox.work, sandbox.home, sandbox.tmp)

    def prepare(self, servers: Mapping[str, LeasedServer]) -> None:
        """Everything that holds for all steps: the servers' addresses, the starting files, the working directory, the environment."""
        self._servers = dict(servers)
        for name, server in servers.items():
            self._scope.add_server(name, server.url)
        self.subject = replace(self.subject, servers=dict(self._scope.servers))
        self._sandbox.fill(self._scenario.files, self.resolve)
        self._cwd = self._sandbox.directory(self._scenario.cwd)
        self._environment = {**self._sandbox.environment(), **{name: self.resolve(value) for name, value in self._scenario.env.items()}}

    def begin(self, step: Step) -> None:
        self._step = step
        self.subject = replace(self.subject, arguments=())

    def resolve(self, template: Template) -> str:
        return fill(template, self._scope.real)

    def resolve_arguments(self, templates: Sequence[Template]) -> tuple[str, ...]:
        return fill_arguments(templates, self._scope.real)

    def resolve_value(self, value: object) -> object:
        return fill_value(value, self._scope.real)

    def server(self, name: str) -> StepServer:
        return StepServer(self._servers[name])

    def spawn(self, arguments: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None) -> Observation:
        step = self._step
        if step is None or self._cwd is None:
            raise HarnessFault("a process can only be started within a step of a prepared cell")
        limit, limit_text = step_limit(self._scenario, step)
        argv = self._transport.argv(self._artifact, arguments)
        before = self._sandbox.listing() if _looks_at_files(step) else None
        spec = ProcessSpec(argv, {**self._environment, **env}, self._cwd, limit, self._services.output_limit, stdin)
        self.subject = replace(self.subject, arguments=arguments)
        end = self._services.spawner.run(spec)
        return Observation(
            step=step.id,
            argv=argv,
            exit=end.exit,
            stdout=end.stdout,
            stderr=end.stderr,
            seconds=end.seconds,
            timed_out=end.timed_out,
            limit=limit_text,
            cut=end.cut,
            files=before.delta(self._sandbox.listing()) if before else FileDelta(),
            orphans=tuple(self.normalise(title) for title in end.orphans),
        )

    def leaks(self, step: Step, observation: Observation) -> tuple[Finding, ...]:
        """Temporary files that the process left behind, each reported once. A process that had to be killed could not clean up."""
        now = self._sandbox.leftovers()
        new, self._temporary = sorted(now - self._temporary), now
        if observation.timed_out:
            return ()
        return tuple(Finding(step.id, "leak", f"a temporary file was left behind: <tmp>/{name}", step.position, (), "temporary") for name in new)

    def normalise(self, text: str) -> str:
        return normalise(text, self.subject)

    def dead_servers(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, server in self._servers.items() if not server.alive()))


def _looks_at_files(step: Step) -> bool:
    files = step.files
    return any(expected is not None for expected in (files.created, files.modified, files.deleted, files.changed))
