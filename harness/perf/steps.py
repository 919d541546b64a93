"""Times the marked steps of scenarios, one after the other: each proven, sampled with all its arms interleaved, and weighed in surroundings of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from harness.model.budget import PEAK, Budget
from harness.perf import hyperfine
from harness.perf.arms import ArmPlan, prove_reference
from harness.perf.configuration import Rules, Timing
from harness.perf.contest import Contestant, watched_pairs
from harness.perf.marked import MarkedStep, MarkedSteps, Proof, Scene, SceneError
from harness.perf.place import Place
from harness.perf.record import ARTIFACT, BASELINE, CONTROL, REFERENCE, TimedStep
from harness.perf.results import baseline_arm, timed_program
from harness.perf.sample import CellPlan, CellState, HyperfineRunner, sample
from harness.perf.stats import runs_needed
from harness.perf.weigh import weigh_cell

WALL_MIDDLE = 0.5
SINGLE = 0.95
JOINT = 0.975
"""The confidence of each of two intervals of which one quotient is made: it is off at most as often as one interval of 95 %."""


@dataclass(frozen=True, slots=True)
class StepSession:
    """What all steps of a session have in common."""

    rules: Rules
    entrants: tuple[Contestant, ...]
    earlier: tuple[Contestant, ...]
    """Artifacts of the last release; empty when none were given."""
    base: str
    references: tuple[ArmPlan, ...]
    launcher: Path
    seed: int
    say: Callable[[str], None]


def time_steps(marked: MarkedSteps, session: StepSession) -> tuple[TimedStep, ...]:
    """One result for each step, in their order; a step whose surroundings could not be had is a row that says why."""
    return tuple(_time_step(marked, step, session) for step in marked.steps)


def needed_runs(budget: Budget, kind: str) -> int:
    """How many runs an artifact of a kind must have for every limit of the step to be judged; 0 when any number does."""
    confidences = [
        (limit.fraction, JOINT if limit.reference else SINGLE)
        for limit in budget.limits
        # The middle of a multiple is a ratio of pairs, which needs no more than every session takes.
        if limit.kind == kind and not (limit.reference and limit.fraction == WALL_MIDDLE)
    ]
    confidences += [(growth.fraction, JOINT) for growth in budget.growths if growth.fraction != WALL_MIDDLE]
    return max((runs_needed(fraction, confidence) for fraction, confidence in confidences if fraction is not None and 0 < fraction < 1), default=0)


def _time_step(marked: MarkedSteps, step: MarkedStep, session: StepSession) -> TimedStep:
    session.say(f"step {step.title}")
    empty = TimedStep(step.scenario, step.case, step.step, step.at, step.budget.heading, "", None, ())
    try:
        with marked.scene(step) as scene:
            return _sampled(empty, step, scene, session)
    except SceneError as error:
        return replace(empty, reason=str(error))


def _sampled(empty: TimedStep, step: MarkedStep, scene: Scene, session: StepSession) -> TimedStep:
    rules, budget = session.rules, step.budget
    arms = _with_company(tuple(_artifacts(step, scene, session)), scene.place, session)
    plan = CellPlan(step.id, rules.step_seconds, arms, watched_pairs(arms, session.base), _needed(arms, budget, session))
    runner = HyperfineRunner(hyperfine.locate(), scene.place, rules.run_limit, {step.id: {arm.id: arm for arm in arms}})
    (state,) = sample((plan,), rules, session.seed, runner, monotonic, lambda text: None)
    timing = Timing(
        id=step.id,
        title=step.title,
        args=step.args,
        exit=next((arm.exit for arm in arms if arm.role == ARTIFACT and not arm.fault), 0),
        stdout_contains=(),
        stderr_contains=(),
        server=None,
        references=tuple(arm.id for arm in session.references),
        seconds=rules.step_seconds,
        memory=_weighed(budget),
    )
    rows = weigh_cell(rules, state, session.launcher, scene.place) if timing.memory and _any_artifact(state) else []
    return replace(empty, program=timed_program(timing, state, session.base), memory=tuple(rows))


def _artifacts(step: MarkedStep, scene: Scene, session: StepSession) -> Iterator[ArmPlan]:
    """Every published artifact, those for development only where a limit names their kind, and those of the last release where a limit is about it."""
    named = {limit.kind for limit in step.budget.limits}
    taking_part = [entrant for entrant in session.entrants if not entrant.artifact.development or entrant.artifact.kind in named]
    for entrant in taking_part:
        yield _arm(entrant, entrant.artifact.id, entrant.artifact.id, ARTIFACT, scene, session)
    ids = {entrant.artifact.id for entrant in taking_part}
    for entrant in session.earlier if step.budget.growths else ():
        name = entrant.artifact.id
        if name in ids:
            yield _arm(entrant, baseline_arm(name), f"{name} of {entrant.artifact.version}", BASELINE, scene, session)


def _arm(entrant: Contestant, name: str, label: str, role: str, scene: Scene, session: StepSession) -> ArmPlan:
    proof = scene.prove(entrant.artifact, entrant.transport)
    return ArmPlan(name, label, role, entrant.emulated, proof.argv, proof.exit, proof.stdout_sha256, proof.stderr_sha256, _fault(proof, session.rules))


def _fault(proof: Proof, rules: Rules) -> str:
    if not proof.fault and proof.seconds > rules.run_limit:
        return f"one run takes {proof.seconds:.0f} s, and more than {rules.run_limit:g} s are not timed (run-limit-seconds)"
    return proof.fault


def _with_company(arms: tuple[ArmPlan, ...], place: Place, session: StepSession) -> tuple[ArmPlan, ...]:
    """The artifacts with their control and the references; where no artifact answers rightly nothing else is timed either."""
    control = [replace(arm, id=CONTROL, label=f"{arm.label} again", role=CONTROL) for arm in arms if arm.id == session.base]
    references = [prove_reference(arm, place=place, limit=session.rules.run_limit) for arm in session.references]
    if all(arm.fault for arm in arms if arm.role == ARTIFACT):
        references = [replace(arm, fault="no artifact is timed here") for arm in references]
        arms = tuple(replace(arm, fault=arm.fault or "no artifact is timed here") for arm in arms)
    return (*arms, *control, *references)


def _needed(arms: tuple[ArmPlan, ...], budget: Budget, session: StepSession) -> dict[str, int]:
    kinds = {entrant.artifact.id: entrant.artifact.kind for entrant in session.entrants}
    kinds |= {baseline_arm(entrant.artifact.id): entrant.artifact.kind for entrant in session.earlier}
    wanted = {arm.id: needed_runs(budget, kinds[arm.id]) for arm in arms if arm.role in (ARTIFACT, BASELINE) and not arm.emulated and not arm.fault}
    return {arm: runs for arm, runs in wanted.items() if runs}


def _weighed(budget: Budget) -> bool:
    return PEAK in {*(limit.quantity for limit in budget.limits), *(growth.quantity for growth in budget.growths)}


def _any_artifact(state: CellState) -> bool:
    return any(arm.role == ARTIFACT and arm.id not in state.faults for arm in state.plan.arms)


def hello_arm(label: str, program: Path) -> ArmPlan:
    """The reference program that runs beside every step."""
    return ArmPlan("hello", label, REFERENCE, emulated=False, argv=(str(program),), exit=0)
