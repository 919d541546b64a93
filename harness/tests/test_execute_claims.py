"""Folders of killed processes are removed by the next run; those of living ones, of others, and those kept for people never are."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from plugin_project import GREET, Project, project

from harness.execute.claims import KEPT, PREFIX, claim, sweep
from harness.execute.removal import remove
from harness.execute.sandbox import SandboxRoot

pytest_plugins = ["pytester"]
__all__ = ["project"]
HOLD = """
import sys
from pathlib import Path
from harness.execute.sandbox import SandboxRoot
root = SandboxRoot.create(Path(sys.argv[1]), keep=sys.argv[2] == "keep")
with root.cell() as sandbox:
    (sandbox.tmp / "left").mkdir()
    (sandbox.tmp / "left" / "locked").mkdir(mode=0)
    print(root.path, flush=True)
    sys.stdin.read()
"""


def held(place: Path, *, keep: bool = False) -> tuple[subprocess.Popen[str], Path]:
    """Another process in the middle of a cell, and its folder."""
    command = [sys.executable, "-c", HOLD, str(place), "keep" if keep else ""]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_only_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    living, its = held(tmp_path)
    dead, left = held(tmp_path)
    keeper, kept = held(tmp_path, keep=True)
    killed(dead)
    killed(keeper)
    assert left.exists() and left.name.startswith(PREFIX) and kept.name.startswith(KEPT) and len(PREFIX) == len(KEPT)
    assert sweep(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([its.name, kept.name])
    killed(living)
    assert sweep(tmp_path) == 1 and sweep(tmp_path) == 0
    assert list(tmp_path.iterdir()) == [kept]


def test_a_run_removes_what_killed_runs_left(project: Project) -> None:
    place = project.root / "temporary"
    place.mkdir()
    dead, left = held(place)
    living, its = held(place)
    killed(dead)
    project.environment.setattr("tempfile.tempdir", str(place))
    project.artifact("native-linux-x64")
    project.scenario("unit/greet", GREET)
    project.run().assert_outcomes(passed=2)
    assert list(place.iterdir()) == [its] and left != its
    killed(living)


def test_an_own_folder_stays_while_it_is_used(tmp_path: Path) -> None:
    with SandboxRoot.create(tmp_path) as root, root.cell() as sandbox:
        assert sweep(tmp_path) == 0
        assert sandbox.work.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_program_has_removed_is_not_left_to_others(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with SandboxRoot.create(tmp_path) as root:
        with root.cell() as sandbox:
            remove(root.path)
            sandbox.mend()
        with root.cell() as sandbox:
            assert sweep(tmp_path) == 0
            assert sandbox.work.is_dir()
    assert list(tmp_path.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_names_of_others_and_links_are_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = tmp_path / "place"
    place.mkdir()
    (place / f"{PREFIX}abcdefgh").symlink_to(elsewhere)
    (place / f"{PREFIX}file_890").write_text("a file")
    (place / f"{PREFIX}long-names-are-not-ours").mkdir()
    (place / "cells-abcdefgh").mkdir()
    assert sweep(place) == 0
    assert len(list(place.iterdir())) == 4 and elsewhere.is_dir()
    assert sweep(tmp_path / "nothing") == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to give a folder away")
def test_a_folder_of_another_user_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / f"{PREFIX}abcdefgh"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    assert sweep(tmp_path) == 0 and folder.is_dir()


def test_a_folder_that_was_taken_for_a_leftover_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sweeps between the making of the folder and the lock on it."""
    real = fcntl.flock
    swept: list[int] = []

    def flock(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX and not swept:
            swept.append(sweep(tmp_path))
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    place = claim(tmp_path)
    assert swept == [1]
    assert [path.name for path in tmp_path.iterdir()] == [place.path.name]
    assert sweep(tmp_path) == 0
    place.release()


def test_nobody_loses_a_folder_while_others_sweep(tmp_path: Path) -> None:
    ended = threading.Event()

    def clean() -> None:
        while not ended.is_set():
            sweep(tmp_path)

    cleaners = [threading.Thread(target=clean) for _ in range(2)]
    for cleaner in cleaners:
        cleaner.start()
    try:
        for _ in range(200):
            with SandboxRoot.create(tmp_path) as root, root.cell() as sandbox:
                (sandbox.work / "file").write_text("mine")
                assert (sandbox.work / "file").read_text() == "mine"
    finally:
        ended.set()
        for cleaner in cleaners:
            cleaner.join()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with SandboxRoot.create(tmp_path):
            pass
        sweep(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
