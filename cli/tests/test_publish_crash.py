"""A publish that is killed leaves nothing half-made that counts, and nothing that stops the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.publish.cache import Cache, install, sweep, workspace, write_atomically
from cli.publish.locking import exclusive

ROOT = Path(__file__).resolve().parents[2]

KILLED_IN_BUILD = """
import os, signal, sys
from pathlib import Path
from cli.publish.cache import Cache
def build(made):
    (made / "half").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
Cache(Path(sys.argv[1])).make("thing", "k" * 64, build)
"""
BUILDING = """
import sys
from pathlib import Path
from cli.publish.cache import Cache
def build(made):
    (made / "half").write_text("x")
    print("half", flush=True)
    sys.stdin.readline()
Cache(Path(sys.argv[1])).make("thing", "l" * 64, build)
"""
HOLDER = """
import sys
from pathlib import Path
from cli.publish.locking import exclusive
with exclusive(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def child(code: str, *arguments: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'cli'}"}
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_build_that_is_killed_is_not_found_and_is_swept(tmp_path: Path) -> None:
    with child(KILLED_IN_BUILD, tmp_path) as process:
        assert process.wait() == -signal.SIGKILL
    cache = Cache(tmp_path)
    assert cache.find("thing", "k" * 64) is None
    assert len(things(tmp_path)) == 1
    made = cache.make("thing", "k" * 64, lambda place: (place / "whole").touch())
    assert (made / "whole").is_file()
    assert things(tmp_path) == [made.name]


def test_what_is_being_made_is_not_swept(tmp_path: Path) -> None:
    with child(BUILDING, tmp_path) as builder:
        assert builder.stdout is not None and builder.stdout.readline() == b"half\n"
        (unfinished,) = things(tmp_path)
        sweep(tmp_path / "thing")
        make(tmp_path, "thing-01.a")
        assert things(tmp_path) == [unfinished, "thing-01.a"]
        builder.communicate(b"go on\n")
        assert builder.returncode == 0
    assert things(tmp_path) == ["l" * 32, "thing-01.a"]


def test_only_leftovers_are_swept(tmp_path: Path) -> None:
    left = ".unfinished-12345678"
    for name in ("folder", "file", "link", "pipe"):
        (tmp_path / name).mkdir()
    (tmp_path / "folder" / left / "half").mkdir(parents=True)
    (tmp_path / "file" / left).touch()
    (tmp_path / "link" / left).symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe" / left)
    for name in ("folder", "file", "link", "pipe"):
        sweep(tmp_path / name)
    assert [list((tmp_path / name).iterdir()) for name in ("folder", "file", "pipe")] == [[], [], []]
    assert (tmp_path / "file").is_dir()


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def build(place: Path) -> None:
        (place / "half").touch()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        Cache(tmp_path).make("thing", "k", build)
    assert list((tmp_path / "thing").iterdir()) == []


def test_a_finished_thing_is_not_built_twice(tmp_path: Path) -> None:
    built: list[Path] = []
    cache = Cache(tmp_path)
    assert cache.make("thing", "k", built.append) == cache.make("thing", "k", built.append)
    assert len(built) == 1


USER = """
import sys
from pathlib import Path
from cli.publish.cache import Cache
Cache(Path(sys.argv[1])).find("thing", sys.argv[2])
print("in use", flush=True)
sys.stdin.read()
"""
MAKER = """
import os, sys
from pathlib import Path
from cli.publish.cache import Cache
for key in sys.argv[2:]:
    made = Cache(Path(sys.argv[1])).make(key.partition("-")[0], key, lambda place: (place / key.partition(".")[2]).touch())
    os.utime(made, (int(key[6:8]), int(key[6:8])))
"""


def make(cache: Path, *keys: str) -> None:
    """Each in a process of its own, because what a process uses stays; `thing-07.x` holds a file `x` and was used at the seventh second."""
    for key in keys:
        with child(MAKER, cache, Path(key)) as process:
            assert process.wait() == 0


def things(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "thing").iterdir())


def test_the_two_things_that_were_used_last_stay(tmp_path: Path) -> None:
    make(tmp_path, "thing-01.a", "thing-02.a", "thing-03.a")
    assert things(tmp_path) == ["thing-02.a", "thing-03.a"]
    with child(USER, tmp_path, Path("thing-02.a")) as process:  # used again, by somebody who is gone afterwards
        process.communicate()
    make(tmp_path, "thing-04.a")
    assert things(tmp_path) == ["thing-02.a", "thing-04.a"]


def test_things_of_another_sort_are_not_counted(tmp_path: Path) -> None:
    make(tmp_path, "thing-01.a", "thing-02.b", "thing-03.a", "thing-04.b", "thing-05.c")
    assert things(tmp_path) == ["thing-01.a", "thing-02.b", "thing-03.a", "thing-04.b", "thing-05.c"]


def test_what_a_living_process_uses_stays(tmp_path: Path) -> None:
    make(tmp_path, "thing-01.a")
    with child(USER, tmp_path, Path("thing-01.a")) as user:
        assert user.stdout is not None and user.stdout.readline() == b"in use\n"
        os.utime(tmp_path / "thing" / "thing-01.a", (1, 1))
        make(tmp_path, "thing-02.a", "thing-03.a", "thing-04.a")
        assert things(tmp_path) == ["thing-01.a", "thing-03.a", "thing-04.a"]
        user.kill()
    make(tmp_path, "thing-05.a")
    assert things(tmp_path) == ["thing-04.a", "thing-05.a"]


def test_what_the_process_itself_uses_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(4):
        cache.make("thing", f"{number}" * 32, lambda place: (place / "x").touch())
    assert len(things(tmp_path)) == 4


CROWD = """
import os, sys
from contextlib import suppress
from pathlib import Path
from cli.publish.cache import Cache
place = Path(sys.argv[1]) / "thing"
for number in range(120):
    for old in range(6):
        left = place / f"{sys.argv[2]}-{number}-{old}"
        left.mkdir(parents=True)
        (left / "x").touch()
        with suppress(FileNotFoundError):  # the other one may have removed it by now
            os.utime(left, (1, 1))
    Cache(Path(sys.argv[1])).make("thing", f"{sys.argv[2]}{number}", lambda made: (made / "x").touch())
"""


def test_makers_that_remove_the_same_old_things_do_not_fail(tmp_path: Path) -> None:
    with child(CROWD, tmp_path, Path("a")) as first, child(CROWD, tmp_path, Path("b")) as second:
        assert (first.wait(), second.wait()) == (0, 0)
    assert not [name for name in things(tmp_path) if "-" in name]


def test_of_two_builders_of_the_same_thing_the_first_one_wins(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def build(place: Path) -> None:
        (place / "x").write_text("slow")
        other = tmp_path / "thing" / "k"
        other.mkdir()
        (other / "x").write_text("fast")

    assert (cache.make("thing", "k", build) / "x").read_text() == "fast"
    assert things(tmp_path) == ["k"]


def test_installing_replaces_the_old_directory_and_keeps_no_leftover(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with workspace(tmp_path) as place:
            (place / "file").write_text(content)
            install(place, tmp_path / "final")
    assert (tmp_path / "final" / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["final"]


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]  # any failure in the middle will do
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_second_publish_waits_and_a_killed_holder_sets_it_free(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with child(HOLDER, lock) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        waited: list[bool] = []

        def waiting() -> None:
            waited.append(True)
            holder.kill()

        with exclusive(lock, waiting):
            assert waited == [True]
