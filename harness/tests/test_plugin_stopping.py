"""A run that is told to stop, by whatever signal and to whichever of its processes, ends its programs and says what it came to."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_project import Project, project

from harness.execute.claims import claim, sweep
from harness.execute.inhabitants import OWN, end_inhabitants
from harness.execute.sandbox import Sandbox
from harness.report.events import read

pytest_plugins = ["pytester"]
__all__ = ["project"]

CHECKOUT = Path(__file__).resolve().parents[2]
WAITS = """\
#!/bin/sh
case "$1" in
  --version) echo 1.0.0 ;;
  wait) trap '' INT TERM HUP; echo $$ > "{told}"; while :; do sleep 60; done ;;
  *) echo "$@" ;;
esac
"""
"""Opens a pipe, and so tells that it is there, and does not end by itself."""
SCENARIO = """\
format = 1
title = "It is still running"

[[case]]
id = "a"
word = "first"

[[case]]
id = "b"
word = "wait"

[[case]]
id = "c"
word = "last"

[[step]]
id = "s"
run = ["${case.word}"]
stdout.equals = "${case.word}\\n"
"""


@pytest.fixture
def told(project: Project) -> Iterator[Path]:
    pipe = project.root / "told"
    os.mkfifo(pipe)
    project.artifact("native-linux-x64", WAITS.format(told=pipe))
    project.scenario("unit/waits", SCENARIO)
    yield pipe


def started(project: Project, command: list[str], told: Path) -> tuple[subprocess.Popen[str], int]:
    """The run, and the number of the program that it is just waiting for."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTEST_ADDOPTS": "-p harness.plugin -p no:cacheprovider"}
    # A handler is not handed down, as it is when these tests run in the background of a shell, or under nohup, that a signal is ignored.
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        run = subprocess.Popen(command, cwd=project.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    pipe, ended = os.open(told, os.O_RDONLY | os.O_NONBLOCK), os.pidfd_open(run.pid)
    try:
        ready, _, _ = select.select([pipe, ended], [], [])
        if pipe not in ready:
            pytest.fail(f"the run ended before its program began: {run.communicate()[0]}")
        return run, int(os.read(pipe, 100))
    finally:
        os.close(pipe)
        os.close(ended)


def gone(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text("ascii").rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_programs_and_leaves_results(project: Project, told: Path, number: signal.Signals) -> None:
    run, program = started(project, [sys.executable, "-m", "pytest", "--scenarios=scenarios"], told)
    run.send_signal(number)
    output, _ = run.communicate()
    assert run.returncode == pytest.ExitCode.INTERRUPTED and f"stopped by {number.name}" in output
    assert gone(program)
    results = read(project.root / ".harness" / "last" / "events.jsonl")
    assert [cell.case for cell in results.cells] == ["a"]
    assert [row.why for row in results.problems] == ["the run was stopped before them; the first is scenarios/unit/waits.toml::b[native-linux-x64]"]
    assert "no cell ran" not in output


@pytest.mark.parametrize("everybody", [False, True], ids=["the controller", "every process"])
def test_a_signal_to_a_run_over_several_workers(project: Project, told: Path, everybody: bool) -> None:
    """As of a build server that tells one process, and of a terminal that tells all of them."""
    project.file("pytest.ini", "[pytest]\nfilterwarnings =\n    error\n    ignore::pytest.PytestAssertRewriteWarning\n")
    run, program = started(project, [sys.executable, "-m", "pytest", "-n", "2", "-p", "syrupy", "-p", "xdist.plugin", "--scenarios=scenarios"], told)
    if everybody:
        os.killpg(run.pid, signal.SIGINT)
    else:
        run.send_signal(signal.SIGTERM)
    output, _ = run.communicate()
    assert run.returncode == pytest.ExitCode.INTERRUPTED and f"stopped by {'SIGINT' if everybody else 'SIGTERM'}" in output, output
    assert gone(program), output
    results = read(project.root / ".harness" / "last" / "events.jsonl")
    assert "b" not in [cell.case for cell in results.cells] and len(results.problems) == 1


WAITING = """
import sys
from pathlib import Path
from harness.commands.waiting import wait_for
print(wait_for([sys.executable, "-m", "pytest", "--scenarios=scenarios"], Path.cwd()))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_who_waits_for_a_run_hands_the_signal_on_and_goes_on_waiting(project: Project, told: Path, number: signal.Signals) -> None:
    run, program = started(project, [sys.executable, "-c", WAITING], told)
    run.send_signal(number)
    output, _ = run.communicate()
    assert f"(2, {number!r})" in output and f"stopped by {number.name}" in output
    assert gone(program)
    assert (project.root / ".harness" / "last" / "events.jsonl").exists()


def test_programs_of_a_killed_run_are_ended_with_its_sandboxes(project: Project, told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = project.root / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    run, program = started(project, [sys.executable, "-m", "pytest", "--scenarios=scenarios"], told)
    run.kill()
    run.communicate()
    assert not gone(program)
    assert sweep(place) == 1
    assert gone(program) and list(place.iterdir()) == []


def test_only_who_lives_in_the_folder_is_ended(tmp_path: Path) -> None:
    mine, other = claim(tmp_path), claim(tmp_path)
    environments = {
        "inside": {"HOME": f"{mine.path}/c0000001/home"},
        "elsewhere": {"HOME": f"{other.path}/c0000001/home", "NAME": str(mine.path)},
        # Somebody who looks at the folder, or did so before starting this: shells hand both down.
        "visitor": {"HOME": "/root", "PWD": f"{mine.path}/c0000001", "OLDPWD": f"{mine.path}/c0000001/work"},
    }
    living = {name: subprocess.Popen(["/bin/sleep", "600"], env=environment) for name, environment in environments.items()}
    try:
        assert end_inhabitants(mine.path) == 1
        assert living["inside"].wait() == -signal.SIGKILL
        assert living["elsewhere"].poll() is None and living["visitor"].poll() is None
        assert end_inhabitants(other.path) == 1 and living["elsewhere"].wait() == -signal.SIGKILL
    finally:
        for process in living.values():
            process.kill()
            process.wait()
        mine.release()
        other.release()


def test_every_directory_of_a_sandbox_tells_who_lives_there() -> None:
    given = Sandbox(Path("/sandbox")).environment()
    assert [name for name, value in given.items() if value.startswith("/sandbox/")] == list(OWN)


def test_a_run_that_cannot_be_written_down_says_so_in_one_line_and_leaves_the_one_before(project: Project) -> None:
    project.artifact("native-linux-x64")
    project.scenario("unit/greet", SCENARIO)
    project.run().assert_outcomes(passed=3)
    before = (project.root / ".harness/last/events.jsonl").read_bytes()
    project.scenario("unit/wrong", SCENARIO.replace("run = [", 'run = ["no", '))
    # No file may grow beyond a block: what a full disk says, without filling one. Without -s pytest would need files for what it captures.
    command = f"ulimit -f 1; exec {sys.executable} -B -m pytest -s -p harness.plugin -p no:cacheprovider --scenarios=scenarios"
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(["/bin/sh", "-c", command], cwd=project.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.INTERNAL_ERROR and "Traceback" not in done.stdout + done.stderr
    assert "the results of this run cannot be written, and those of the one before are still there: File too large" in done.stderr
    assert (project.root / ".harness/last/events.jsonl").read_bytes() == before
