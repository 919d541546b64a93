"""Interleaved sampling: block by block, each block one run of every arm that takes part, in seeded random order, until precise enough.

The rule that ends a cell looks at the width of its intervals and at the clock, never at the sign or the size of an effect: stopping on
significance would turn noise into findings. A run with a wrong exit code or wrong output voids its arm; it is never timed as a fast one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from harness.perf import hyperfine
from harness.perf.arms import ArmPlan, digest_of
from harness.perf.configuration import Rules
from harness.perf.errors import NothingToMeasureError
from harness.perf.place import Place
from harness.perf.plan import block_order, planned_arms, round_order, strides
from harness.perf.record import Sample
from harness.perf.stats import hodges_lehmann

CHECK_EVERY = 5
"""Blocks between two looks at the precision."""
OVERRUN = 2.0
"""A cell may take this many times what was planned before arms with too few runs are given up on."""


@dataclass(frozen=True, slots=True)
class TimedRun:
    """One run of one arm and what it answered."""

    arm: str
    nanoseconds: int
    exit: int
    stdout_sha256: str


class BlockRunner(Protocol):
    """Runs the arms of one block, each once, in the order given."""

    def run_block(self, cell: str, order: Sequence[str]) -> Sequence[TimedRun]: ...


@dataclass(frozen=True, slots=True)
class CellPlan:
    """A timed program with its proven arms, and the pairs whose ratio must become precise."""

    id: str
    seconds: float
    arms: tuple[ArmPlan, ...]
    watched: tuple[tuple[str, str], ...]
    needed: Mapping[str, int] = field(default_factory=dict)
    """Arms of which a limit needs more runs than the session's least, and how many."""

    def least(self, arm: str, rules: Rules) -> int:
        return max(rules.least_blocks, self.needed.get(arm, 0))

    def most(self, rules: Rules) -> int:
        return max(rules.most_blocks, *self.needed.values(), 0)

    def patience(self, block: float, rules: Rules) -> float:
        """The seconds after which arms with too few runs are given up on, given those of a block: later where a limit needs many runs."""
        return OVERRUN * max(self.seconds, block * self.most(rules) if self.needed else 0.0)


@dataclass(slots=True)
class CellState:
    """What a cell has so far."""

    plan: CellPlan
    every: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    blocks: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    """Seconds of the longest block of the warm-up."""
    stopped: str = ""

    @property
    def live(self) -> tuple[str, ...]:
        return tuple(arm.id for arm in self.plan.arms if arm.id not in self.faults)


@dataclass(frozen=True, slots=True)
class HyperfineRunner:
    """hyperfine as the stopwatch; each arm's stdout goes to a file of its own and is compared after each block."""

    binary: Path
    place: Place
    limit: float
    arms: Mapping[str, Mapping[str, ArmPlan]]

    def run_block(self, cell: str, order: Sequence[str]) -> Sequence[TimedRun]:
        # Named by place, so that the length of a name is the same for every arm.
        commands = [hyperfine.Command(name, self.arms[cell][name].argv, self.place.workspace / f"stdout-{number:02}") for number, name in enumerate(order)]
        readings = hyperfine.run_block(self.binary, commands, place=self.place, limit=self.limit * len(commands))
        return [
            TimedRun(reading.name, reading.nanoseconds, reading.exit, digest_of(command.stdout)) for reading, command in zip(readings, commands, strict=True)
        ]


def sample(
    cells: Sequence[CellPlan], rules: Rules, seed: int, runner: BlockRunner, clock: Callable[[], float], progress: Callable[[str], None]
) -> tuple[CellState, ...]:
    """All cells to their end, their blocks shuffled among each other."""
    if not cells:
        raise NothingToMeasureError("no program is declared to be timed")
    states = {cell.id: _begun(cell) for cell in cells}
    for number in count(-rules.warmup):
        active = [name for name, state in states.items() if not state.stopped]
        if not active:
            break
        for name in round_order(seed, number, active):
            state = states[name]
            started = clock()
            _run_block(state, number, rules, seed, runner)
            if number >= 0:
                state.seconds += clock() - started
                state.stopped = _reason_to_stop(state, rules)
            else:
                state.longest = max(state.longest, clock() - started)
        if number == -1 or (number >= 0 and (number + 1) % 10 == 0):
            progress(_standing(states.values()))
    return tuple(states.values())


def _begun(cell: CellPlan) -> CellState:
    state = CellState(cell, faults={arm.id: arm.fault for arm in cell.arms if arm.fault})
    if not state.live:
        state.stopped = "nothing to time"
    return state


def _run_block(state: CellState, number: int, rules: Rules, seed: int, runner: BlockRunner) -> None:
    warming = number < 0
    if number == 0:
        state.every = strides(state.costs, state.plan.seconds, {arm: state.plan.least(arm, rules) for arm in state.costs}, state.plan.most(rules))
    members = state.live if warming else planned_arms(number, state.every, tuple(state.faults))
    order = block_order(seed, state.plan.id, number, members)
    if not order:
        return
    runs = runner.run_block(state.plan.id, order)
    for run in runs:
        fault = _fault(state.plan, run)
        if fault:
            state.faults[run.arm] = f"{fault} in {'warm-up ' if warming else ''}block {number}"
            state.samples.pop(run.arm, None)
        elif warming:
            state.first.setdefault(run.arm, run.nanoseconds)
            state.costs[run.arm] = min(state.costs.get(run.arm, math.inf), run.nanoseconds / 1e9)
        else:
            state.samples.setdefault(run.arm, []).append(Sample(number, run.nanoseconds))
    if not warming:
        state.blocks = number + 1


def _fault(plan: CellPlan, run: TimedRun) -> str:
    arm = next(arm for arm in plan.arms if arm.id == run.arm)
    if run.exit != arm.exit:
        return f"a timed run ended with exit code {run.exit} instead of {arm.exit}"
    if run.stdout_sha256 != arm.stdout_sha256:
        return "a timed run wrote other output than before"
    return ""


def _reason_to_stop(state: CellState, rules: Rules) -> str:
    if not state.live:
        return "nothing to time"
    if state.blocks >= state.plan.most(rules):
        return "blocks"
    enough = all(len(state.samples.get(arm, ())) >= state.plan.least(arm, rules) for arm in state.live)
    if state.seconds >= (state.plan.seconds if enough else state.plan.patience(state.longest, rules)):
        return "time"
    if enough and state.blocks % CHECK_EVERY == 0 and _precise(state, rules.precision):
        return "precision"
    return ""


def _precise(state: CellState, wanted: float) -> bool:
    for numerator, denominator in state.plan.watched:
        if numerator in state.faults or denominator in state.faults:
            continue
        pairs = paired(state.samples.get(numerator, ()), state.samples.get(denominator, ()))
        if not pairs:
            return False
        interval = hodges_lehmann([math.log(top / bottom) for top, bottom in pairs]).at98
        if interval is None or interval.half_width > wanted:
            return False
    return True


def paired(numerators: Sequence[Sample], denominators: Sequence[Sample]) -> list[tuple[int, int]]:
    """The runs of both arms that stood in the same block."""
    others = {run.block: run.ns for run in denominators}
    return [(run.ns, others[run.block]) for run in numerators if run.block in others]


def _standing(states: Iterable[CellState]) -> str:
    parts = [f"{state.plan.id} {state.blocks}{' done' if state.stopped else ''}" for state in states]
    return f"blocks: {', '.join(parts)}"
