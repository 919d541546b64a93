"""One cell from beginning to end: sandbox, servers, steps, ``finally`` steps, verdict.

A fault of the harness ends as ``harness-error`` with its reason, never as a failure of the program; so does a failure while a server of the cell
has died, because nobody can say what the program would have done.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from harness.execute.capabilities import unsupported
from harness.execute.context import CellContext
from harness.execute.outcome import Progress
from harness.execute.record import DETAIL
from harness.execute.sandbox import Sandbox
from harness.execute.scope import Scope
from harness.execute.services import LeasedServer, Services
from harness.execute.steps import StepLoop
from harness.execute.world import CellWorld
from harness.faults import HarnessFault, ServerFault
from harness.model.artifact import Artifact
from harness.model.scenario import Case, Life, Scenario, ServerSpec
from harness.model.template import fill_value
from harness.model.verdict import CellResult, Verdict
from harness.transport.base import Transport
from harness.transport.registry import NoTransport


def run_cell(scenario: Scenario, case: Case, artifact: Artifact, services: Services) -> CellResult:
    """The result of one case on one artifact. Known differences are not looked at here: that is ``harness.ledger``'s business."""
    began = services.clock.now()
    progress = Progress()
    verdict, reason = _verdict(scenario, case, artifact, services, progress)
    details: dict[str, object] = {}
    if progress.skipped:
        details["skipped"] = tuple(progress.skipped)
    if progress.record is not None:
        details[DETAIL] = progress.record
    if services.keep and progress.sandbox is not None:
        details["sandbox"] = str(progress.sandbox)
    return CellResult(
        scenario=scenario.id,
        case=case.id,
        artifact=artifact.id,
        verdict=verdict,
        findings=tuple(progress.findings),
        goldens=tuple(progress.goldens),
        observations=tuple(progress.observations),
        seconds=services.clock.now() - began,
        reason=reason,
        details=details,
    )


def _verdict(scenario: Scenario, case: Case, artifact: Artifact, services: Services, progress: Progress) -> tuple[Verdict, str]:
    try:
        transport = services.transport(artifact)
        if reason := unsupported(scenario, artifact, transport):
            return Verdict.UNSUPPORTED, reason
        with services.sandboxes.cell() as sandbox:
            progress.sandbox = sandbox.root
            _run_steps(scenario, case, artifact, transport, services, sandbox, progress)
    except (HarnessFault, NoTransport) as fault:
        return Verdict.HARNESS_ERROR, str(fault)
    return (Verdict.FAILED if progress.findings else Verdict.PASSED), ""


def _run_steps(scenario: Scenario, case: Case, artifact: Artifact, transport: Transport, services: Services, sandbox: Sandbox, progress: Progress) -> None:
    scope = Scope(scenario, case, str(sandbox.work))
    world = CellWorld(scenario, artifact, transport, services, sandbox, scope)
    context = CellContext(scenario, case, world, scope, services.goldens, progress.observations)
    with ExitStack() as leases:
        world.prepare({server.name: leases.enter_context(_lease(scenario, server, scope, services)) for server in scenario.servers})
        # Programs end before the servers that they talk to, whatever happens.
        leases.callback(world.programs.close)
        loop = StepLoop(world, context, scope, services.clock, progress)
        parts = (partial(loop.run, scenario.steps), partial(loop.run_always, scenario.always), loop.close)
        faults = [fault for part in parts if (fault := _attempt(part)) is not None]
        progress.goldens.extend(context.uses)
        if (faults or progress.findings) and (dead := world.dead_servers()):
            first = f": {faults[0]}" if faults else ""
            raise ServerFault(f"H5001 server {', '.join(dead)} died while the steps ran; what they found is void{first}")
        if faults:
            raise faults[0]
        if progress.findings or services.record:
            progress.record = world.record()


def _attempt(part: Callable[[], None]) -> HarnessFault | None:
    """A fault in the steps must not keep the ``finally`` steps from running, nor may theirs hide it."""
    try:
        part()
    except HarnessFault as fault:
        return fault
    return None


def _lease(scenario: Scenario, server: ServerSpec, scope: Scope, services: Services) -> AbstractContextManager[LeasedServer]:
    settings = fill_value(dict(server.settings), scope.real)
    assert isinstance(settings, dict), "a table stays a table when its values are filled in"
    return services.servers.lease(server.use, settings, (scenario.id, server.name) if server.per is Life.FILE else None)
