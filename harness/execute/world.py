"""What the verbs of one cell may do: the ``World`` of ``harness.verbs.base`` over a sandbox, leased servers and a spawner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.compare.text import visible
from harness.execute.handles import StepServer
from harness.execute.limits import step_limit
from harness.execute.programs import CellPrograms, StartedProgram
from harness.execute.record import CellRecord
from harness.execute.room import Allowance
from harness.execute.sandbox import Listing, Sandbox
from harness.execute.scope import Scope
from harness.execute.services import LeasedServer, Services
from harness.execute.sharing import SharedServers
from harness.execute.spawner import ProcessEnd, ProcessSpec
from harness.execute.step_program import StepProgram
from harness.execute.terminal import TERM
from harness.execute.traces import Traces
from harness.faults import HarnessFault
from harness.model.artifact import Artifact
from harness.model.observation import FileDelta, Observation
from harness.model.scenario import Life, Scenario
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
        self._shared = SharedServers({})
        self._step: Step | None = None
        self._traces = Traces(sandbox)
        self._cwd: Path | None = None
        self._alone = True
        self._limit = (0.0, "")
        self._deadline = 0.0
        self.programs = CellPrograms()
        self._environment: Mapping[str, str] = {}
        self._on_terminal: Mapping[str, str] = {}
        self.subject = Subject(artifact, sandbox.work, sandbox.home, sandbox.tmp)

    def prepare(self, servers: Mapping[str, LeasedServer]) -> None:
        """Everything that holds for all steps: the servers' addresses, the starting files, the working directory, the environment."""
        self._servers = dict(servers)
        self._shared = SharedServers({spec.name: servers[spec.name] for spec in self._scenario.servers if spec.per is Life.FILE})
        for name, server in servers.items():
            self._scope.add_server(name, server.url)
            self._sandbox.entrust(name, server.trust)
        if any(server.trust for server in servers.values()):
            self._traces.accept()
        self.subject = replace(self.subject, servers=dict(self._scope.servers))
        self._sandbox.fill(self._scenario.files, self.resolve)
        self._cwd = self._sandbox.directory(self._scenario.cwd)
        basis = self._services.environment(self._sandbox.environment())
        variables = {name: self.resolve(value) for name, value in self._scenario.env.items()}
        self._environment = {**basis, **variables}
        self._on_terminal = {**on_terminal(basis), **variables}

    def begin(self, step: Step) -> None:
        self._step = step
        self._limit = step_limit(self._scenario, step)
        self._deadline = self._services.clock.now() + self._limit[0]
        about = self.programs.get(step.program).arguments if step.program else ()
        self.subject = replace(self.subject, arguments=about)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several runs of the current step at a time: which of them changed a file cannot be told, so nobody looks."""
        self._alone = False
        try:
            yield
        finally:
            self._alone = True

    def resolve(self, template: Template) -> str:
        return fill(template, self._scope.real)

    def resolve_arguments(self, templates: Sequence[Template]) -> tuple[str, ...]:
        return fill_arguments(templates, self._scope.real)

    def resolve_value(self, value: object) -> object:
        return fill_value(value, self._scope.real)

    def server(self, name: str) -> StepServer:
        return StepServer(self._servers[name])

    def spawn(self, arguments: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None) -> Observation:
        step = self._current()
        spec = self._spec(step, arguments, env, stdin)
        before = self._sandbox.listing() if self._alone and looks_at_files(step) else None
        end = self._services.spawner.run(spec)
        return self.observe(step.id, spec.argv, end, before)

    def start(self, arguments: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None) -> Observation:
        step = self._current()
        asked = any(later.program == step.id and looks_at_files(later) for later in (*self._scenario.steps, *self._scenario.always))
        spec = self._spec(step, arguments, env, stdin)
        before = self._sandbox.listing() if asked else None
        program = StartedProgram(step, spec.argv, arguments, self._services.spawner.start(spec), before)
        self.programs.add(program)
        return self.program(step.id).so_far()

    def program(self, name: str) -> StepProgram:
        return StepProgram(self._current().id, self.programs.get(name), self._deadline, self._limit[1], self.observe)

    def observe(self, step: str, argv: tuple[str, ...], end: ProcessEnd, before: Listing | None) -> Observation:
        """The end of a process as an observation of a step."""
        after = self._sandbox.listing() if before else None
        overfull = f"the program wrote more than it may ({end.overfull}) and was ended" if end.overfull else ""
        if before and after and not overfull:
            overfull = after.obstacle or before.obstacle
        return Observation(
            step=step,
            argv=argv,
            exit=end.exit,
            stdout=end.stdout,
            stderr=end.stderr,
            terminal=end.terminal,
            screen=end.screen,
            seconds=end.seconds,
            timed_out=end.timed_out,
            limit=self._limit[1],
            cut=end.cut,
            files=before.delta(after) if before and after and not overfull else FileDelta(),
            orphans=tuple(visible(self.normalise(title)) for title in end.orphans),
            opened_network=end.opened_network,
            overfull=overfull,
        )

    def _current(self) -> Step:
        if self._step is None:
            raise HarnessFault("a process can only be started within a step of a prepared cell")
        return self._step

    def _spec(self, step: Step, arguments: tuple[str, ...], env: Mapping[str, str], stdin: bytes | None) -> ProcessSpec:
        self._traces.mend()
        cwd = self._cwd if step.cwd is None else self._sandbox.directory(step.cwd)
        if cwd is None:
            raise HarnessFault("a process can only be started within a step of a prepared cell")
        argv = self._transport.argv(self._artifact, arguments)
        self.subject = replace(self.subject, arguments=arguments)
        environment = self._environment if step.terminal is None else self._on_terminal
        services = self._services
        allowance = Allowance(self._sandbox.root, services.disk_limit, services.entry_limit)
        return ProcessSpec(argv, {**environment, **env}, cwd, self._limit[0], services.output_limit, stdin, step.terminal, step.network, allowance=allowance)

    def leaks(self, step: Step, observation: Observation) -> tuple[Finding, ...]:
        """What the process left behind outside of its working directory. A process that had to be killed could not clean up.

        While a started program runs nobody can say whose a file is: it is reported when the last of them has ended.
        """
        if self.programs.any_alive():
            return ()
        excused = self.programs.settle_kills() or observation.timed_out or bool(observation.overfull)
        return self._traces.findings(step, excused=excused)

    def changes(self) -> tuple[Finding, ...]:
        """What the current step, or a program since then, did to a server that is not this cell's alone."""
        return self._shared.findings(self._current(), self.normalise)

    def normalise(self, text: str) -> str:
        return normalise(text, self.subject)

    def record(self) -> CellRecord:
        """What a replay needs to know of this cell; asked for once its steps are done."""
        return CellRecord(self.subject, self._environment, {name: server.traffic() for name, server in self._servers.items()})

    @property
    def lenient(self) -> Callable[[str], str] | None:
        return self._services.lenient

    def dead_servers(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, server in self._servers.items() if not server.alive()))


def on_terminal(environment: Mapping[str, str]) -> dict[str, str]:
    """A terminal says itself how wide it is, and what it is."""
    return {**{name: value for name, value in environment.items() if name != "COLUMNS"}, "TERM": TERM}


def looks_at_files(step: Step) -> bool:
    files = step.files
    return any(expected is not None for expected in (files.created, files.modified, files.deleted, files.changed))
