"""Several workers come to the same results as one process; what dies on the way is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_project import ECHO, GREET, RECORDED, Project, project

from harness.plugin.folder import RunFolder

pytest_plugins = ["pytester"]
__all__ = ["project"]


def without_times(project: Project) -> list[dict[str, object]]:
    lines = (project.root / ".harness/last/events.jsonl").read_text("utf-8").splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in ("seconds", "started")} for line in lines]


@pytest.fixture
def mixed(project: Project) -> Project:
    """Passing, failing, unsupported and unrecorded cells."""
    project.artifact("native-linux-x64")
    project.artifact("frozen-linux-x64", ECHO.replace("*)", "hello) exit 1 ;;\n  *)"), lacks=["posix-signals"])
    project.scenario("unit/greet", GREET)
    project.scenario("unit/recorded", RECORDED)
    project.scenario("unit/signals", 'needs = ["posix-signals"]\n' + RECORDED.replace("snapshot = true", 'ignore = "not of interest"'))
    return project


def test_workers_and_one_process_write_the_same_events(mixed: Project) -> None:
    alone = mixed.run()
    first = without_times(mixed)
    parallel = mixed.run_parallel()
    assert without_times(mixed) == first
    assert (alone.ret, parallel.ret) == (1, 1)
    for result in (alone, parallel):
        result.stdout.fnmatch_lines(["native-linux-x64  3 passed, 1 failed", "frozen-linux-x64  1 passed, 2 failed, 1 unsupported"])
        result.stdout.fnmatch_lines(["FAIL  unit/greet :: one   on frozen-linux-x64"])


def test_a_worker_that_dies_leaves_a_harness_error(mixed: Project) -> None:
    mixed.artifact("frozen-linux-x64")
    mixed.file(
        "conftest.py",
        """
import os, signal, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if item.name == "two[frozen-linux-x64]":
        os.kill(os.getpid(), signal.SIGKILL)
""",
    )
    result = mixed.run_parallel("--max-worker-restart=1", "-k", "greet")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    verdicts = mixed.verdicts()
    assert verdicts["unit/greet::two[frozen-linux-x64]"] == "harness-error"
    assert verdicts["unit/greet::one[frozen-linux-x64]"] == "passed"


def test_an_error_inside_the_harness_shows_its_traceback_and_counts_as_such(mixed: Project) -> None:
    mixed.file(
        "conftest.py",
        """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if item.name == "two[native-linux-x64]":
        raise RuntimeError("a defect of the harness")
""",
    )
    result = mixed.run("-k", "greet and native")
    result.assert_outcomes(passed=1, errors=1, deselected=6)
    result.stdout.fnmatch_lines(["*RuntimeError: a defect of the harness"])
    cells = {cell.case: cell for cell in mixed.events().cells}
    assert (cells["two"].verdict.value, cells["two"].scenario, cells["two"].artifact) == ("harness-error", "unit/greet", "native-linux-x64")


def test_collecting_only_leaves_the_last_results_alone(mixed: Project) -> None:
    mixed.run("-k", "greet")
    before = without_times(mixed)
    mixed.run("--collect-only")
    assert without_times(mixed) == before
    assert sorted(path.name for path in (mixed.root / ".harness").iterdir()) == ["last", "last.lock", "timing.lock"]


def test_what_killed_runs_left_is_removed(mixed: Project) -> None:
    (mixed.root / ".harness/run-0123abcd/unit").mkdir(parents=True)
    (mixed.root / ".harness/run-0123abcd-old").mkdir()
    (mixed.root / ".harness/run-mine").mkdir()
    (mixed.root / ".harness/run-4567").symlink_to(mixed.root)
    mixed.run("-k", "greet and native")
    assert sorted(path.name for path in (mixed.root / ".harness").iterdir()) == ["last", "last.lock", "run-4567", "run-mine", "timing.lock"]


def test_the_folder_of_a_run_that_lives_stays(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from harness.plugin.folder import RunFolder;"
        "print(RunFolder.create(Path(sys.argv[1])).path.name, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as other:
        assert other.stdout is not None
        living = other.stdout.readline().strip()
        mine = RunFolder.create(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([living, mine.path.name, "last.lock"])
        mine.publish()
        mine.discard()
        other.kill()
    RunFolder.create(tmp_path).discard()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last", "last.lock"]


def test_no_cell_runs_beside_a_timing_session(mixed: Project) -> None:
    from harness.perf.lock import timing_lock  # the lock of the other side

    with timing_lock(mixed.root):
        result = mixed.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *timing*"])


def test_results_that_cannot_be_written_are_a_usage_error(mixed: Project) -> None:
    mixed.file(".harness", "a file where a folder must be")
    result = mixed.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *.harness*: results cannot be written there: *"])
