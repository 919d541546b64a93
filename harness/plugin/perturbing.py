"""A cell under each of the perturbations that the run asks for, one after the other, and what that comes to as one result."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from harness.execute.claims import claim
from harness.execute.process import LocalSpawner
from harness.execute.record import DETAIL
from harness.execute.sandbox import SandboxRoot
from harness.execute.services import Goldens, ServerLender, Services
from harness.model.verdict import CellResult, Verdict
from harness.perturb.base import Perturbation
from harness.perturb.registry import PERTURBATIONS
from harness.perturb.spawner import PerturbedSpawner
from harness.plugin.settings import Settings
from harness.report.run import PERTURBED, NotRunEvent

_WORST_FIRST = (Verdict.HARNESS_ERROR, Verdict.FAILED, Verdict.EXPECTED_FAILURE, Verdict.PASSED, Verdict.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A perturbation, ready to run cells under."""

    perturbation: Perturbation
    services: Services
    spawner: PerturbedSpawner

    def settled(self, result: CellResult) -> CellResult:
        """The result of a cell under it. One that it did not touch proves nothing, unless the cell fails."""
        if self.spawner.touched or result.verdict not in (Verdict.PASSED, Verdict.EXPECTED_FAILURE):
            return result
        return replace(
            result, verdict=Verdict.UNSUPPORTED, reason="it touches no program of this scenario, which fixes that itself or starts none", findings=()
        )


def obstacles(settings: Settings) -> tuple[NotRunEvent, ...]:
    """The perturbations that were asked for and cannot be had here, each with the reason."""
    found = ((name, PERTURBATIONS[name].prepare(_workshop(settings))) for name in settings.perturb)
    return tuple(NotRunEvent(f"perturbation {name}", why) for name, why in found if why)


def circumstances(settings: Settings, servers: ServerLender, goldens: Goldens, stack: ExitStack) -> tuple[Circumstance, ...]:
    """Everything that can be had here of what was asked for; the stack cleans up after them."""
    ready = []
    for name in settings.perturb:
        perturbation = PERTURBATIONS[name]
        if not perturbation.prepare(_workshop(settings)):
            ready.append(_circumstance(perturbation, settings, servers, goldens, stack))
    return tuple(ready)


def _circumstance(perturbation: Perturbation, settings: Settings, servers: ServerLender, goldens: Goldens, stack: ExitStack) -> Circumstance:
    parent = None
    if perturbation.folder:
        around = claim(keep=settings.keep)
        stack.callback(around.release)
        if not settings.keep:
            stack.callback(shutil.rmtree, around.path)
        parent = around.path / perturbation.folder
        parent.mkdir()
    spawner = PerturbedSpawner(LocalSpawner(), perturbation, _workshop(settings))
    services = Services(
        sandboxes=stack.enter_context(SandboxRoot.create(parent, keep=settings.keep)),
        servers=servers,
        goldens=goldens,
        spawner=spawner,
        environment=spawner.environment,
        lenient=perturbation.lenient,
        keep=settings.keep,
    )
    return Circumstance(perturbation, services, spawner)


def _workshop(settings: Settings) -> Path:
    return settings.root / ".harness" / "perturb"


def together(results: Sequence[tuple[str, CellResult]]) -> CellResult:
    """The first of the worst, with what was found under every other one; the names of those that judged it are kept in its details."""
    worst = min((result for _, result in results), key=lambda result: _WORST_FIRST.index(result.verdict))
    findings = tuple(
        replace(finding, message=f"under {name}: {finding.message}")
        for name, result in results
        if result.verdict is worst.verdict
        for finding in result.findings
    )
    judged = tuple(name for name, result in results if result.verdict not in (Verdict.UNSUPPORTED, Verdict.HARNESS_ERROR))
    details = {key: value for key, value in worst.details.items() if key != DETAIL}
    return replace(
        worst,
        findings=findings,
        seconds=sum(result.seconds for _, result in results),
        reason=_reason(worst, results),
        details={**details, PERTURBED: judged},
    )


def _reason(worst: CellResult, results: Sequence[tuple[str, CellResult]]) -> str:
    """Said once when it is the same under all, as when the artifact lacks something."""
    reasons = {name: result.reason for name, result in results if result.verdict is worst.verdict and result.reason}
    if len(reasons) == len(results) and len(set(reasons.values())) == 1:
        return worst.reason
    return "; ".join(f"under {name}: {reason}" for name, reason in reasons.items())
