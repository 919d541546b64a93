"""The overhead is the paired difference per cell, whatever the order; noise takes more blocks; a bare start that fails is an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from harness.perf.errors import ToolError
from harness.perf.overhead import LEAST, MOST, NARROW, Sides, bare_starts, overhead
from harness.perf.record import Overhead


def measured(noise: Sequence[float], **rules: int) -> tuple[Overhead, list[str]]:
    """The overhead by a clock that counts what each side costs: 100 ms a run, 3.5 ms a cell and so much noise, 1.5 ms a bare start."""
    now = 0
    calls: list[str] = []

    def side(name: str, milliseconds: float) -> Callable[[], None]:
        def run() -> None:
            nonlocal now
            extra = noise[len(calls) // 3 % len(noise)] * 4 if name == "many" else 0.0
            calls.append(name)
            now += round((milliseconds + extra) * 1_000_000)

        return run

    sides = Sides(side("many", 100 + 5 * 3.5), side("one", 100 + 3.5), side("bare", 4 * 1.5), cells=4)
    return overhead(sides, seed=3, clock=lambda: now, **rules), calls


def test_the_difference_per_cell_is_found_exactly() -> None:
    found, calls = measured([0.0])
    assert (found.engine_ms, found.bare_ms, found.difference_ms.value, found.cells_per_block) == (3.5, 1.5, 2.0, 4)
    assert found.difference_ms.at95 is not None and found.difference_ms.at95.low == found.difference_ms.at95.high == 2.0
    assert found.blocks == found.difference_ms.count == LEAST and len(calls) == 3 * LEAST
    blocks = {tuple(calls[place : place + 3]) for place in range(0, len(calls), 3)}
    assert all(sorted(block) == ["bare", "many", "one"] for block in blocks) and len(blocks) > 1


def test_noise_takes_more_blocks_and_the_interval_says_so() -> None:
    wide, _ = measured([-3.0, 3.0, 0.0])
    assert wide.blocks == MOST and wide.difference_ms.at95 is not None and wide.difference_ms.at95.half_width > NARROW
    fixed, _ = measured([0.0], least=9, most=9)
    assert fixed.blocks == 9
    # One block that was disturbed: narrow again once there are enough others.
    once, _ = measured([0.0, 0.0, 2.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert LEAST < once.blocks < MOST and once.difference_ms.value == 2.0


def test_bare_starts_check_the_exit_code() -> None:
    bare_starts(["/bin/sh", "-c", "exit 3"], {}, code=3)(2)
    with pytest.raises(ToolError, match="ended with 3 instead of 0"):
        bare_starts(["/bin/sh", "-c", "exit 3"], {})(1)
