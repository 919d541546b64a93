"""A cell ends by blocks, by time or by precision, never by an effect; runs follow the seeded plan; a wrong answer voids its arm for good."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from harness.perf.arms import ArmPlan
from harness.perf.configuration import Rules, read_timing_file
from harness.perf.errors import NothingToMeasureError
from harness.perf.plan import block_order
from harness.perf.record import ARTIFACT, CONTROL, INVALID, REFERENCE
from harness.perf.results import timed_program
from harness.perf.sample import CellPlan, CellState, TimedRun, sample
from harness.perf.session import ROOT

SEED = 11


@dataclass
class Machine:
    """A machine whose arms take as long as the test says, on a clock that only runs while they do."""

    cost: Callable[[str, int], float]
    answer: Callable[[str, int], tuple[int, str]] = lambda arm, run: (0, "right")
    now: float = 0.0
    runs: dict[tuple[str, str], int] = field(default_factory=dict)
    log: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def run_block(self, cell: str, order: Sequence[str]) -> Sequence[TimedRun]:
        self.log.append((cell, tuple(order)))
        done = []
        for arm in order:
            run = self.runs[cell, arm] = self.runs.get((cell, arm), -1) + 1
            seconds = self.cost(arm, run)
            self.now += seconds
            done.append(TimedRun(arm, round(seconds * 1e9), *self.answer(arm, run)))
        return done

    def clock(self) -> float:
        return self.now


def rules(least: int = 8, most: int = 40, precision: float = 0.01) -> Rules:
    return Rules(warmup=2, least_blocks=least, most_blocks=most, precision=precision, run_limit=5, memory_runs=9, step_seconds=2)


def arm(name: str, role: str = ARTIFACT, fault: str = "") -> ArmPlan:
    return ArmPlan(name, name, role, emulated=False, argv=(f"/{name}",), exit=0, stdout_sha256="right", fault=fault)


def cell(*arms: ArmPlan, seconds: float = 1000, name: str = "cell") -> CellPlan:
    names = [one.id for one in arms]
    watched = tuple((names[0], other) for other in names[1:])
    return CellPlan(name, seconds, arms, watched)


def run(machine: Machine, *cells: CellPlan, with_rules: Rules | None = None) -> tuple[CellState, ...]:
    return sample(cells, with_rules or rules(), SEED, machine, machine.clock, lambda text: None)


def steady(costs: dict[str, float]) -> Callable[[str, int], float]:
    return lambda name, _: costs[name]


def noisy(arm_name: str, number: int) -> float:
    return 0.010 * random.Random(f"{arm_name}/{number}").lognormvariate(0, 0.3)


def test_runs_follow_the_seeded_plan() -> None:
    machine = Machine(noisy)
    run(machine, cell(arm("a"), arm("b"), arm("c"), name="one"), cell(arm("a"), arm("b"), name="two"))
    for name, arms in (("one", "abc"), ("two", "ab")):
        orders = [order for logged, order in machine.log if logged == name]
        assert orders == [block_order(SEED, name, block, arms) for block in range(-2, len(orders) - 2)]
    assert len({tuple(name for name, _ in machine.log[place : place + 2]) for place in range(0, 40, 2)}) == 2


def test_a_noisy_cell_stops_at_its_most_blocks() -> None:
    (state,) = run(Machine(noisy), cell(arm("a"), arm("b")))
    assert (state.stopped, state.blocks, len(state.samples["a"])) == ("blocks", 40, 40)


def test_a_steady_cell_stops_when_precise_whatever_the_effect() -> None:
    for factor in (1.0, 1.5):
        (state,) = run(Machine(steady({"a": 0.010, "b": 0.010 * factor})), cell(arm("a"), arm("b")), with_rules=rules(least=12))
        assert (state.stopped, state.blocks) == ("precision", 15)


def test_a_dear_cell_stops_on_time_with_enough_runs_of_the_slowest_arm() -> None:
    costs = {"a": 0.005, "slow": 0.3}
    (state,) = run(
        Machine(lambda name, number: costs[name] * noisy(name, number) * 100), cell(arm("a"), arm("slow"), seconds=2), with_rules=rules(precision=0.001)
    )
    assert state.stopped == "time"
    assert state.every["slow"] > state.every["a"] == 1
    assert len(state.samples["slow"]) >= 8


def test_a_cell_of_hopeless_cost_is_given_up_at_twice_its_time() -> None:
    machine = Machine(lambda name, number: 1.0 + noisy(name, number))
    (state,) = run(machine, cell(arm("a"), arm("b"), seconds=2))
    assert state.stopped == "time"
    assert state.seconds < 7


def test_an_arm_of_which_a_limit_needs_many_runs_gets_them_all() -> None:
    costs = {"a": 0.005, "b": 0.02, "slow": 0.2}
    machine = Machine(lambda name, number: costs[name] * noisy(name, number) * 100)
    plan = replace(cell(arm("a"), arm("b"), arm("slow"), seconds=2), needed={"a": 200, "b": 72})
    (state,) = run(machine, plan, with_rules=rules(precision=0.001))
    assert len(state.samples["a"]) == 200
    assert len(state.samples["b"]) >= 72
    assert 8 <= len(state.samples["slow"]) < 40
    assert state.stopped in ("blocks", "time")


def test_needed_runs_are_given_up_when_they_take_twice_what_the_warm_up_showed() -> None:
    machine = Machine(lambda name, number: 0.01 if number < 2 else 0.05)
    (state,) = run(machine, replace(cell(arm("a"), seconds=1), needed={"a": 100}))
    assert state.stopped == "time"
    assert len(state.samples["a"]) < 100 and state.seconds < 2.1


@pytest.mark.parametrize("wrong", [(1, "right"), (0, "wrong")], ids=["exit code", "output"])
@pytest.mark.parametrize("when", [0, 1, 5])
def test_one_wrong_answer_voids_the_arm_for_good(wrong: tuple[int, str], when: int) -> None:
    machine = Machine(noisy, answer=lambda name, number: wrong if (name, number) == ("bad", when) else (0, "right"))
    (state,) = run(machine, cell(arm("good"), arm("bad"), arm("hello", REFERENCE)))
    assert set(state.faults) == {"bad"}
    assert "bad" not in state.samples
    assert machine.runs["cell", "bad"] == when
    assert len(state.samples["good"]) == 40
    timing = read_timing_file(ROOT / "scenarios" / "timing.toml").timings[0]
    program = timed_program(timing, state, "good")
    bad = program.arm("bad")
    assert bad is not None
    assert (bad.verdict, bad.level, bad.samples) == (INVALID, None, ())
    assert program.ratio("bad", "hello") is None
    assert program.ratio("good", "hello") is not None


def test_an_arm_that_failed_its_proof_is_never_run() -> None:
    machine = Machine(noisy)
    states = run(machine, cell(arm("a"), arm("b", fault="exit code 7, wanted 0")), cell(arm("a", fault="gone"), name="empty"))
    assert machine.runs.keys() == {("cell", "a")}
    assert states[1].stopped == "nothing to time"


def test_a_control_that_differs_from_its_own_file_takes_the_trust_away() -> None:
    timing = read_timing_file(ROOT / "scenarios" / "timing.toml").timings[0]
    for factor, trusted in ((1.0, True), (1.01, True), (1.1, False)):
        (state,) = run(Machine(steady({"native": 0.01, "control": 0.01 * factor})), cell(arm("native"), arm("control", CONTROL)))
        assert timed_program(timing, state, "native").trusted is trusted


def test_no_cell_is_an_error() -> None:
    with pytest.raises(NothingToMeasureError, match="no program"):
        run(Machine(noisy))
