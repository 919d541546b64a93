"""The benchmark of the engine measures what really ran: a wrong program fails in every runner, a tiny session fills every table, goals are judged."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench import page
from harness.bench.goals import goals
from harness.bench.memory import Peaks, peaks
from harness.bench.record import Ahead, Record, Sizes, Timed
from harness.bench.runners import Runner, contenders, engine, run
from harness.bench.session import measure, reproduce
from harness.perf.build import bundled, compile_program
from harness.perf.errors import TimingLockError, ToolError
from harness.perf.lock import functional_lock
from harness.perf.results import level_of
from harness.perf.stats import Estimate

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
RIGHT = "#!/bin/sh\necho hello\n"
WRONG = {"text": "#!/bin/sh\necho hallo\n", "code": "#!/bin/sh\necho hello\nexit 3\n"}

pytestmark = pytest.mark.skipif(shutil.which("bats") is None, reason="not run: install bats")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The settings of this checkout in a place of their own, because timing refuses a place where cells run, and this test is one of those."""
    place = tmp_path / "checkout"
    place.mkdir()
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def program(folder: Path, script: str) -> Path:
    path = folder / "program"
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_every_runner_really_checks(checkout: Path, tmp_path: Path) -> None:
    script = program(tmp_path, RIGHT)
    runners, missing = contenders(checkout, tmp_path / "work", script, 2)
    assert {"conformance", "conformance -n 2", "bats", "prysk", "prysk, one shell per file"} <= {runner.id for runner in runners}
    assert len(runners) + len(missing) == 6
    for runner in runners:
        run(runner)
    listed = tmp_path / "work" / "scenarios" / "artifacts.json"
    for wrong in WRONG.values():
        program(tmp_path, wrong)
        _list_anew(listed, script)
        for runner in runners:
            if runner.id != "conformance -n 2":  # the same engine on the same files
                with pytest.raises(ToolError, match="passed 0 of"):
                    run(runner)


def _list_anew(listed: Path, script: Path) -> None:
    """The engine refuses a program that is not the listed one, which would be the wrong reason to fail."""
    document = json.loads(listed.read_bytes())
    data = script.read_bytes()
    document["artifacts"][0].update(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    listed.write_text(json.dumps(document), encoding="utf-8")


def test_a_run_that_passes_fewer_cases_than_it_has_is_an_error(tmp_path: Path) -> None:
    some = Runner("echo", "echo", ("/bin/echo", "3 passed"), tmp_path, 4, lambda output: int(output.split()[0]))
    with pytest.raises(ToolError, match="passed 3 of 4 cases"):
        run(some)
    run(replace(some, expected=3))
    with pytest.raises(ToolError, match="could not be run"):
        run(replace(some, argv=("/does/not/exist",)))


def test_the_peak_of_a_process_is_found(tmp_path: Path) -> None:
    launcher = compile_program(bundled("launcher"), CACHE)
    script = "import time; held = bytearray(64 << 20); held[::4096] = b'x' * len(held[::4096]); time.sleep(1); print(1)"
    found = peaks(launcher, Runner("python", "python", (sys.executable, "-c", script), tmp_path, 1, int))
    assert found.largest > 64 * 1024
    assert len(found.processes) == 1
    assert found.processes[0] > 64 * 1024
    assert found.together > 64 * 1024


def test_a_tiny_session_fills_every_table(checkout: Path, tmp_path: Path) -> None:
    said: list[str] = []
    record = measure(checkout, CACHE, seed=3, scale=0.001, command=reproduce(3, 0.001), say=said.append)
    assert said
    assert not record.whole
    assert record.reached, "a part is never judged"
    assert {item.id for item in record.contest} >= {"conformance", "conformance -n 2", "bats", "prysk"}
    assert [item.id for item in record.memory] == ["conformance", "conformance -n 2"]
    assert all(item.peaks.largest > 10_000 for item in record.memory)
    written = page.write(record, tmp_path / "out")
    text = written.read_text(encoding="utf-8")
    assert "nothing is judged" in text
    for timed in (*record.timed, *record.contest):
        assert f"| {timed.id} |" in text
    document = json.loads(written.with_suffix(".json").read_bytes())
    assert document["format"] == 1
    assert len(document["goals"]) == len(record.goals)
    _judges(record)


def _judges(record: Record) -> None:
    """Goals over the figures of a whole session; the record of the tiny one lends what is not judged."""
    whole = replace(record, whole=True, sizes=Sizes(), missing=())
    fast = replace(whole, timed=tuple(_timed(item.id, item.cases, 0.001) for item in record.timed), ahead=tuple(_ratio(item, 0.5) for item in record.ahead))
    fast = replace(fast, overhead=replace(record.overhead, difference_ms=_at(record.overhead.difference_ms, 1.9)))
    fast = replace(fast, memory=tuple(replace(item, peaks=Peaks(400 * 1024, (1,), 2)) for item in record.memory))
    assert replace(fast, goals=goals(fast)).reached
    slow = {
        "collected": replace(fast, timed=tuple(_timed(item.id, item.cases, 3.01 if "collect" in item.id else 0.001) for item in record.timed)),
        "overhead": replace(fast, overhead=replace(record.overhead, difference_ms=_at(record.overhead.difference_ms, 2.01))),
        "cells with": replace(fast, timed=tuple(_timed(item.id, 399, 1.0) if item.id == "conformance -n 2" else item for item in fast.timed)),
        "time of": replace(fast, ahead=tuple(_ratio(item, 1.0) for item in record.ahead)),
        "memory": replace(fast, memory=tuple(replace(item, peaks=Peaks(1, (401 * 1024, 1), 2)) for item in record.memory)),
        "ahead of": replace(fast, missing=(("bats", "install it"),)),
    }
    for title, session in slow.items():
        missed = [goal for goal in goals(session) if not goal.met]
        assert missed
        assert all(title in goal.title for goal in missed), title
        assert not replace(session, goals=goals(session)).reached


def _timed(name: str, cases: int, seconds: float) -> Timed:
    level = level_of([seconds] * 8)
    assert level is not None
    return Timed(name, cases, (seconds,) * 8, level)


def _ratio(item: Ahead, value: float) -> Ahead:
    return replace(item, ratio=_at(item.ratio, value))


def _at(estimate: Estimate, value: float) -> Estimate:
    return replace(estimate, value=value, at95=None, at98=None)


def test_parts_are_never_nothing() -> None:
    assert Sizes().part(1) == Sizes()
    assert Sizes().part(0.0001) == Sizes(2, 2, 2, 5, 1, 1, 2)
    for wrong in (0, -1, 1.1):
        with pytest.raises(ValueError, match="part"):
            Sizes().part(wrong)


def test_it_refuses_to_time_while_cells_run(checkout: Path) -> None:
    with functional_lock(checkout), pytest.raises(TimingLockError):
        measure(checkout, CACHE, seed=1, scale=0.001, command="", say=lambda _: None)


def test_the_engine_is_started_as_a_user_starts_it(checkout: Path, tmp_path: Path) -> None:
    assert "-p" not in engine(checkout, tmp_path, 1).argv, "plugins of the environment are neither left out nor added"
