"""One cell from beginning to end: sandbox, servers, steps, ``finally`` steps, verdict.

A fault of the harness ends as ``harness-error`` with its reason, never as a failure of the program; so does a failure while a server of the cell
has died, because nobody can say what the program would have done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

from harness.execute.capabilities import unsupported
from harness.execute.context import CellContext
from harness.execute.sandbox import Sandbox
from harness.execute.scope import Scope
from harness.execute.services import LeasedServer, Services
from harness.execute.steps import Progress, StepLoop
from harness.execute.world import CellWorld
from harness.faults import HarnessFault, ServerFault
from harness.model.artifact import Artifact
from harness.model.scenario import Case, Scenario, ServerSpec
from harness.model.step import Step
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
    context = CellContext(scenario, case, world, scope, services.goldens)
    with ExitStack() as leases:
        world.prepare({server.name: leases.enter_context(_lease(server, scope, services)) for server in scenario.servers})
        loop = StepLoop(world, context, scope, services.clock, progress)
        faults = [fault for fault in (_attempt(loop.run, scenario.steps), _attempt(loop.run_always, scenario.always)) if fault is not None]
        progress.goldens.extend(context.uses)
        if faults:
            raise faults[0]
        if progress.findings and (dead := world.dead_servers()):
            raise ServerFault(f"server {', '.join(dead)} died while the steps ran; what they found is void")


def _attempt(run: Callable[[Sequence[Step]], None], steps: Sequence[Step]) -> HarnessFault | None:
    """A fault in the steps must not keep the ``finally`` steps from running, nor may theirs hide it."""
    try:
        run(steps)
    except HarnessFault as fault:
        return fault
    return None


def _lease(server: ServerSpec, scope: Scope, services: Services) -> AbstractContextManager[LeasedServer]:
    settings = fill_value(dict(server.settings), scope.real)
    assert isinstance(settings, dict), "a table stays a table when its values are filled in"
    return services.servers.lease(server.use, settings)
