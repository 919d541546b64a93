"""Timing and functional cells keep out of each other's way; functional cells do not mind each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.perf.errors import TimingLockError
from harness.perf.lock import LOCK_NAME, functional_lock, timing_lock


def test_timing_is_refused_while_cells_run(tmp_path: Path) -> None:
    with functional_lock(tmp_path), functional_lock(tmp_path), pytest.raises(TimingLockError, match="wait for them to end"), timing_lock(tmp_path):
        pytest.fail("both held")
    with timing_lock(tmp_path):
        assert (tmp_path / LOCK_NAME).exists()


def test_cells_and_a_second_timing_are_refused_while_timing_runs(tmp_path: Path) -> None:
    for other in (functional_lock, timing_lock):
        with timing_lock(tmp_path), pytest.raises(TimingLockError), other(tmp_path):
            pytest.fail("both held")
    with functional_lock(tmp_path):
        pass


def test_the_lock_is_released_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="work"), timing_lock(tmp_path):
        raise ValueError("work")
    with timing_lock(tmp_path):
        pass
