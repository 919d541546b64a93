"""The memory pass: every arm that answered rightly, several runs each, under the launcher, arms in turn."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from harness.perf.arms import ArmPlan, digest_of
from harness.perf.configuration import Rules, TimingPlan
from harness.perf.memory import launch
from harness.perf.place import Place
from harness.perf.record import CONTROL, INVALID, MEASURED, Memory, MemoryRow
from harness.perf.results import level_of
from harness.perf.sample import CellState

FLOOR_RUNS = 5


def weigh(plan: TimingPlan, states: Sequence[CellState], launcher: Path, place: Place) -> Memory:
    """Peak memory in every timed program that asks for it."""
    floor = max(launch(launcher, (), place=place, stdout=place.workspace / "floor", limit=plan.rules.run_limit).max_rss_kib for _ in range(FLOOR_RUNS))
    wanted = {timing.id for timing in plan.timings if timing.memory}
    rows: list[MemoryRow] = []
    for state in states:
        if state.plan.id in wanted:
            rows += weigh_cell(plan.rules, state, launcher, place)
    return Memory(floor, counting_step_kib(), tuple(rows))


def weigh_cell(rules: Rules, state: CellState, launcher: Path, place: Place) -> list[MemoryRow]:
    """Peak memory of every arm of one timed program but the control."""
    arms = [arm for arm in state.plan.arms if arm.role != CONTROL]
    faults = {arm.id: state.faults[arm.id] for arm in arms if arm.id in state.faults}
    found: dict[str, list[int]] = {arm.id: [] for arm in arms}
    stdout = place.workspace / "memory.stdout"
    for _ in range(rules.memory_runs):
        for arm in arms:
            if arm.id in faults:
                continue
            usage = launch(launcher, arm.argv, place=place, stdout=stdout, limit=rules.run_limit)
            if usage.exit != arm.exit or digest_of(stdout) != arm.stdout_sha256:
                faults[arm.id] = f"a run under the launcher answered otherwise (exit code {usage.exit})"
            found[arm.id].append(usage.max_rss_kib)
    return [_row(state.plan.id, arm, faults.get(arm.id, ""), found[arm.id]) for arm in arms]


def _row(timing: str, arm: ArmPlan, fault: str, runs: list[int]) -> MemoryRow:
    kept = [] if fault else runs
    return MemoryRow(timing, arm.id, arm.label, arm.role, arm.emulated, INVALID if fault else MEASURED, fault, level_of(kept), tuple(kept))


def counting_step_kib() -> int:
    """How far the kernel's count may be off: since Linux 6.2 each processor keeps up to a batch of pages to itself."""
    processors = os.cpu_count() or 1
    return max(32, 2 * processors) * processors * os.sysconf("SC_PAGE_SIZE") // 1024
