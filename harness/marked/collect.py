"""The marked steps of a scenario tree, and the scenes that they are timed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.artifacts import NotRun
from harness.execute.process import LocalSpawner
from harness.execute.sandbox import SandboxRoot
from harness.execute.servers import open_servers
from harness.execute.services import Goldens, Services
from harness.load.scenarios import load_tree
from harness.marked.scene import open_scene
from harness.model.scenario import Case, Scenario
from harness.model.step import Step
from harness.perf.marked import MarkedStep, Scene
from harness.verbs.run import RunSpec


@dataclass(frozen=True, slots=True)
class Found:
    """A marked step where it is written."""

    scenario: Scenario
    case: Case
    step: Step


@dataclass(frozen=True, slots=True)
class TreeSteps:
    """The ``MarkedSteps`` of a tree, over services that stay open as long as the session."""

    found: dict[MarkedStep, Found]
    left_out: tuple[NotRun, ...]
    services: Services

    @property
    def steps(self) -> tuple[MarkedStep, ...]:
        return tuple(self.found)

    @contextmanager
    def scene(self, step: MarkedStep) -> Iterator[Scene]:
        found = self.found[step]
        with open_scene(found.scenario, found.case, found.step, self.services) as scene:
            yield scene


@contextmanager
def marked_steps(root: Path, goldens: Goldens) -> Iterator[TreeSteps]:
    """Every marked step of every case below a root, in the order of files, cases and steps. A file with mistakes is a row that says so."""
    loaded = load_tree(root)
    found = {
        _marked(scenario, case, step): Found(scenario, case, step)
        for scenario in loaded.scenarios
        for case in scenario.cases
        for step in scenario.steps
        if step.budget is not None and step.budget.timed
    }
    wrong = sorted({item.position.path.as_posix() for item in loaded.diagnostics})
    left_out = tuple(NotRun(f"budgets of {path}", "the file has mistakes: conformance lint names them") for path in wrong)
    with ExitStack() as stack:
        services = Services(stack.enter_context(open_servers()), goldens, stack.enter_context(SandboxRoot.create()), LocalSpawner())
        yield TreeSteps(found, left_out, services)


def _marked(scenario: Scenario, case: Case, step: Step) -> MarkedStep:
    assert step.budget is not None
    assert isinstance(step.verb, RunSpec), "only a step that runs the program can have a budget"
    at = f"{step.position.path.as_posix()}:{step.position.line}"
    return MarkedStep(scenario.id, case.id, step.id, at, tuple(argument.source for argument in step.verb.arguments), step.budget)
