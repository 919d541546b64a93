"""A file is whole or as it was, whatever happens to its writer; what a killed writer left goes with the next one, and nothing else does."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness import whole
from harness.whole import PREFIX

ROOT = Path(__file__).parents[2]
HALF = """
import sys
from pathlib import Path
from harness import whole
with whole.replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""
ADDING = """
import sys
from pathlib import Path
from harness.review.origins import Origin, Origins
sys.stdin.readline()
for number in range(40):
    Origins(Path(sys.argv[1])).record({f"{sys.argv[2]}/{number}.stdout": ("x", Origin("native-linux-x64", "1"))})
"""


def process(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def writing(path: Path) -> subprocess.Popen[str]:
    """Another process in the middle of writing the file."""
    started = process(HALF, path)
    assert started.stdout is not None
    assert started.stdout.readline() == "half\n"
    return started


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(PREFIX)]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    with whole.replacing(path) as file:
        file.write(b"first")
        assert not path.exists()
    with whole.replacing(path) as file:
        file.write(b"second")
        assert path.read_bytes() == b"first"
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_everything_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "report.md"
    whole.write(path, b"first")
    with pytest.raises(error), whole.replacing(path) as file:
        file.write(b"second")
        raise error
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_replaced_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        whole.write(tmp_path / "folder", b"x")
    with pytest.raises(FileNotFoundError):
        whole.write(tmp_path / "missing" / "file", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_permissions_are_those_of_the_file_before_and_else_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "tool.toml"
    before = os.umask(0o027)
    try:
        whole.write(path, b"")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        whole.write(path, b"")
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(before)


def test_what_a_killed_writer_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    dead, living = writing(tmp_path / "golden"), writing(tmp_path / "other")
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    assert len(leftovers(tmp_path)) == 2 and not (tmp_path / "golden").exists()
    whole.write(tmp_path / "third", b"")
    assert len(leftovers(tmp_path)) == 1
    living.communicate()
    assert (tmp_path / "other").read_bytes() == b"half"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "third"]


MAKING = """
import sys
from pathlib import Path
from harness import whole
with whole.workspace(Path(sys.argv[1])) as place:
    (place / "half").mkdir()
    print(flush=True)
    sys.stdin.read()
"""


def test_a_workspace_goes_with_its_block_or_with_the_next_one(tmp_path: Path) -> None:
    dead, living = process(MAKING, tmp_path), process(MAKING, tmp_path)
    for one in (dead, living):
        assert one.stdout is not None
        one.stdout.readline()
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    assert len(leftovers(tmp_path)) == 2
    with whole.workspace(tmp_path) as place:
        (place / "made").write_text("x")
        (place / "made").replace(tmp_path / "made")
        assert len(leftovers(tmp_path)) == 2
    assert len(leftovers(tmp_path)) == 1
    living.communicate()
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_nothing_of_others_is_swept(tmp_path: Path) -> None:
    left = f"{PREFIX}01234567"
    (tmp_path / "precious").write_text("keep")
    folders = ("link", "pipe", "longer", "mine", "own")
    for folder in folders:
        (tmp_path / folder).mkdir()
    (tmp_path / "link" / left).symlink_to(tmp_path / "precious")
    os.mkfifo(tmp_path / "pipe" / left)
    (tmp_path / "longer" / f"{left}.txt").touch()
    (tmp_path / "mine" / left).touch()
    (tmp_path / "own" / left / "deep").mkdir(parents=True)
    for folder in folders:
        whole.write(tmp_path / folder / "file", b"")
    assert [len(leftovers(tmp_path / folder)) for folder in folders] == [1, 1, 1, 0, 0]
    assert (tmp_path / "precious").read_text() == "keep"


def test_a_file_system_without_locks_sweeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(descriptor: int, operation: int) -> None:
        raise OSError(95, "not supported")

    (tmp_path / f"{PREFIX}01234567").touch()
    monkeypatch.setattr(fcntl, "flock", refused)
    with whole.alone(tmp_path):
        whole.write(tmp_path / "file", b"x")
    assert leftovers(tmp_path) == [f"{PREFIX}01234567"]


def test_many_writers_of_one_file_lose_none_of_their_work(tmp_path: Path) -> None:
    """Each sweeps while the others make, lock and rename."""
    errors: list[BaseException] = []

    def repeat(content: bytes) -> None:
        try:
            for _ in range(60):
                whole.write(tmp_path / "file", content)
        except BaseException as error:  # told by the test below, whatever it is
            errors.append(error)

    threads = [threading.Thread(target=repeat, args=(bytes([65 + number]) * 5000,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (tmp_path / "file").read_bytes() in [bytes([65 + number]) * 5000 for number in range(4)]
    assert leftovers(tmp_path) == []


def test_two_updates_at_the_same_time_lose_no_line(tmp_path: Path) -> None:
    from harness.review.origins import Origin, Origins

    both = [process(ADDING, tmp_path, name) for name in ("a", "b")]
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [(one.communicate()[0], one.returncode) for one in both] == [("", 0), ("", 0)]
    found = Origins(tmp_path)
    assert {found.of(f"{name}/{number}.stdout", "x") for name in ("a", "b") for number in range(40)} == {Origin("native-linux-x64", "1")}


def test_who_is_killed_while_alone_holds_up_nobody(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom harness import whole\nwith whole.alone(Path(sys.argv[1])):\n    print(flush=True)\n    sys.stdin.read()\n"
    )
    holder = process(code, tmp_path)
    assert holder.stdout is not None
    holder.stdout.readline()
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with whole.alone(tmp_path):
        pass
