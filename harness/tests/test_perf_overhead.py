"""The overhead is the paired difference per cell, whatever the order, and a bare start that fails is an error."""

from __future__ import annotations

import pytest

from harness.perf.errors import ToolError
from harness.perf.overhead import bare_starts, overhead


def test_the_difference_per_cell_is_found_exactly() -> None:
    now = 0
    calls: list[str] = []

    def engine(times: int) -> None:
        nonlocal now
        calls.append("engine")
        now += times * 3_500_000

    def bare(times: int) -> None:
        nonlocal now
        calls.append("bare")
        now += times * 1_500_000

    found = overhead(engine, bare, seed=3, blocks=12, cells_per_block=4, clock=lambda: now)
    assert (found.engine_ms, found.bare_ms, found.difference_ms.value) == (3.5, 1.5, 2.0)
    assert found.difference_ms.at95 is not None
    assert (found.difference_ms.at95.low, found.difference_ms.count) == (2.0, 12)
    assert calls.count("engine") == calls.count("bare") == 13
    assert {tuple(calls[place : place + 2]) for place in range(0, 26, 2)} == {("engine", "bare"), ("bare", "engine")}


def test_bare_starts_check_the_exit_code() -> None:
    bare_starts(["/bin/sh", "-c", "exit 3"], {}, code=3)(2)
    with pytest.raises(ToolError, match="ended with 3 instead of 0"):
        bare_starts(["/bin/sh", "-c", "exit 3"], {})(1)
