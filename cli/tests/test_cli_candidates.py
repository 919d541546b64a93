"""`completion candidates` as a process: what is asked, what is kept, and that no file and no clock can make it fail or keep a name for ever."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_names import CLOCK, FRIENDLY, HOSTILE, interpreted, mesh
from hypothesis import given
from hypothesis import strategies as st

from harness.servers.client import ServerProcess
from omnirelay import name_cache, shell_names
from omnirelay.name_cache import Kept, Question

PEERS = "".join(name + "\n" for name in FRIENDLY)
HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return interpreted(tmp_path_factory.mktemp("bin"))


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    process = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield process
    process.stop()


@pytest.fixture
def plane(server: ServerProcess) -> ServerProcess:
    server.reset(data=mesh([*FRIENDLY, *HOSTILE], [("mesh.control", f"shard-{number:04}") for number in range(1200)]))
    return server


def run(program: Path, home: Path | None, words: str, **environment: str) -> tuple[int, str, str]:
    variables = ({} if home is None else {"HOME": str(home)}) | environment
    # The last of an option counts: a slow machine must not make a difference where a test says nothing of time.
    kind, *rest = words.split()
    patient = ["--timeout", "50s", "--max-age", "1h"]
    done = subprocess.run([program, "completion", "candidates", kind, *patient, *rest], env=variables, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def asked(plane: ServerProcess) -> int:
    return len(plane.requests())


def kept_file(home: Path, plane: ServerProcess, kind: str = "peers") -> tuple[Question, Path]:
    question = Question(kind, plane.url + "/")
    return question, home / ".cache" / "omnirelay" / question.place


def keep(home: Path, plane: ServerProcess, names: list[str], answered: int, failed: int = 0, kind: str = "peers") -> Path:
    """A file as an earlier run would have left it; times are given as their age in milliseconds (0 for never)."""
    question, file = kept_file(home, plane, kind)
    file.parent.mkdir(parents=True, exist_ok=True)
    now = int(time.time() * 1000)
    times = [now - age if age else 0 for age in (answered, answered, failed)]
    file.write_bytes(name_cache.encode(question, Kept(names, *times)))
    return file


def test_an_answer_is_kept_and_used_again(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    for _ in range(3):
        assert run(program, tmp_path, f"peers -u {plane.url}") == (0, PEERS, "")
    assert asked(plane) == 1
    assert run(program, tmp_path, f"peers -u {plane.url}/other/path --prefix node-") == (0, "node-a\nnode-b\n", "")
    assert asked(plane) == 1
    assert run(program, tmp_path, f"peers -u {plane.url} --max-age 0s") == (0, PEERS, "")
    assert asked(plane) == 2
    _, file = kept_file(tmp_path, plane)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name]


def test_pages_are_followed(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    code, out, err = run(program, tmp_path, f"shards -u {plane.url} --namespace mesh.control --timeout 30s")
    assert (code, out.split(), err) == (0, [f"shard-{number:04}" for number in range(1200)], "")
    paths = [entry["query"] if "query" in entry else entry["path"] for entry in plane.requests()]
    assert len(paths) == 3
    assert run(program, tmp_path, f"namespaces -u {plane.url} --timeout 30s") == (0, "mesh.control\n", "")
    assert run(program, tmp_path, f"shards -u {plane.url} --namespace elsewhere") == (0, "", "")


def queries(plane: ServerProcess) -> list[str]:
    return [entry["query"].removeprefix("namespace=mesh.control&") for entry in plane.requests()]


def test_many_shards_are_looked_for_by_what_was_typed(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    words = f"shards -u {plane.url} --namespace mesh.control"
    expected = "".join(f"shard-{number:04}\n" for number in range(1100, 1200))
    for _ in range(2):
        assert run(program, tmp_path, f"{words} --typed ard-11") == (0, expected, "")
    assert queries(plane) == ["pageSize=500", "search=ard-11&pageSize=500"]
    # What was typed only narrows down what is asked; a prefix is a condition as well.
    assert run(program, tmp_path, f"{words} --prefix shard-119") == (0, expected[-110:], "")
    assert run(program, tmp_path, f"{words} --typed 11 --prefix shard-119") == (0, expected[-110:], "")
    assert queries(plane)[2:] == ["pageSize=500", "search=shard-119&pageSize=500", "pageSize=500", "search=11&pageSize=500"]
    # All of them are kept by now, so nothing more is asked.
    assert len(run(program, tmp_path, words)[1].split()) == 1200 and asked(plane) == 9
    assert run(program, tmp_path, f"{words} --prefix shard-0001 --typed shard-0001") == (0, "shard-0001\n", "")
    assert run(program, tmp_path, f"{words} --typed {'x' * 300}")[1].count("\n") == 1200 and asked(plane) == 9


def test_few_shards_are_asked_for_once_whatever_is_typed(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    plane.reset(data=mesh(["a"], [("n", f"shard-{number:03}") for number in range(499)]))
    for typed in ("shard-1", "SHARD", "x"):
        assert len(run(program, tmp_path, f"shards -u {plane.url} --typed {typed}")[1].split()) == 499
    assert run(program, tmp_path, f"shards -u {plane.url} --prefix shard-49")[1].count("\n") == 9
    assert asked(plane) == 1


def test_shards_behind_the_first_ten_thousand_are_found(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    plane.reset(data=mesh(["a"], [("n", f"shard-{number:05}") for number in range(10_400)]))
    assert run(program, tmp_path, f"shards -u {plane.url}")[1].split() == [f"shard-{number:05}" for number in range(10_000)]
    assert run(program, tmp_path, f"shards -u {plane.url} --prefix shard-1039") == (0, "".join(f"shard-1039{number}\n" for number in range(10)), "")
    assert run(program, tmp_path, f"shards -u {plane.url} --prefix x") == (0, "", "")


def test_a_search_that_fails_leaves_the_first_page_or_earlier_names(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    shards = [("n", f"shard-{number:04}") for number in range(600)]
    plane.reset(data=mesh(["a"], shards), faults=[{"on": "GET /control/shards", "nth": 2, "status": 500}])
    assert run(program, tmp_path, f"shards -u {plane.url} --prefix shard-001") == (0, "".join(f"shard-001{number}\n" for number in range(10)), "")
    found = [name for _, name in shards if "01" in name]
    assert run(program, tmp_path, f"shards -u {plane.url} --typed 01")[1].split() == found
    plane.reset(data=mesh(["a"], shards), faults=[{"on": "GET /control/shards", "status": 500}])
    code, out, err = run(program, tmp_path, f"shards -u {plane.url} --typed 01 --max-age 0s")
    assert (code, out.split()) == (0, found) and err.startswith("warning: the names are those of an earlier answer.")
    # Nothing is known of this one, and whatever is typed next does not ask a server that has just failed.
    assert run(program, tmp_path, f"shards -u {plane.url} --typed 02")[0] == 1
    assert run(program, tmp_path, f"shards -u {plane.url} --typed 0")[0] == 1
    assert asked(plane) == 1


def test_what_comes_in_time_is_given_and_the_rest_is_what_it_was(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    words = f"shards -u {plane.url} --namespace mesh.control"
    assert len(run(program, tmp_path, f"{words} --timeout 30s")[1].split()) == 1200
    plane.reset(
        data=mesh(["a"], [("mesh.control", f"other-{number:04}") for number in range(1200)]), faults=[{"on": "GET /control/shards", "nth": 2, "hang": True}]
    )
    code, out, err = run(program, tmp_path, f"{words} --max-age 0s --timeout 3s")
    assert (code, err) == (0, "") and set(out.split()) == {f"shard-{n:04}" for n in range(1200)} | {f"other-{n:04}" for n in range(500)}
    fresh = tmp_path / "new"
    fresh.mkdir()
    plane.reset(data=mesh(["a"], [("mesh.control", f"other-{n:04}") for n in range(1200)]), faults=[{"on": "GET /control/shards", "nth": 2, "status": 500}])
    assert run(program, fresh, f"{words} --timeout 30s") == (0, "".join(f"other-{n:04}\n" for n in range(500)), "")


def test_a_cursor_that_comes_again_ends_the_reading(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    item = '{"namespace":"n","shardId":"s","strategyId":"x","ownerNodeId":"o","capacityHint":1,"status":0,"version":1,"checksum":"0"'
    item += ',"updatedAt":"2024-10-02T00:00:00Z"}'
    plane.reset(faults=[{"on": "GET /control/shards", "body": f'{{"items":[{item}],"nextCursor":"again","version":1}}'}])
    assert run(program, tmp_path, f"shards -u {plane.url} --timeout 1h") == (0, "s\n", "")
    assert asked(plane) == 2
    # The rest is out of reach, and an earlier answer had it.
    keep(tmp_path, plane, ["earlier"], 2 * HOUR, kind="shards")
    assert run(program, tmp_path, f"shards -u {plane.url}") == (0, "earlier\ns\n", "")


def test_a_blank_cursor_is_none(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    plane.reset(faults=[{"on": "GET /control/shards", "body": '{"items":[],"nextCursor":" ","version":1}'}])
    assert run(program, tmp_path, f"shards -u {plane.url}") == (0, "", "")
    assert asked(plane) == 1


def test_ten_thousand_names_and_no_more(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    names = [f"node-{number:05}" for number in range(10_050)]
    plane.reset(data=mesh(names, []))
    code, out, err = run(program, tmp_path, f"peers -u {plane.url} --timeout 30s")
    assert (code, out.split(), err) == (0, names[:10_000], "")
    assert run(program, tmp_path, f"peers -u {plane.url} --prefix node-0999") == (0, "".join(f"node-0999{number}\n" for number in range(10)), "")
    assert asked(plane) == 1


def test_a_failure_is_remembered(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    plane.reset(faults=[{"on": "GET /control/peers", "status": 503}])
    code, out, err = run(program, tmp_path, f"peers -u {plane.url}")
    assert (code, out) == (1, "") and err.startswith("error: Peer diagnostics request failed: 503")
    code, out, err = run(program, tmp_path, f"peers -u {plane.url}")
    told = f"error: The control plane gave no names a moment ago. ({plane.url}/; wait a few seconds, or ask at once with --max-age 0s)\n"
    assert (code, out, err) == (1, "", told) and asked(plane) == 1
    run(program, tmp_path, f"peers -u {plane.url} --max-age 0s")
    assert asked(plane) == 2
    # For a sixth of --max-age.
    keep(tmp_path, plane, [], 0, failed=6 * HOUR)
    run(program, tmp_path, f"peers -u {plane.url} --max-age 35h")
    assert asked(plane) == 3
    run(program, tmp_path, f"peers -u {plane.url} --max-age 50h")
    assert asked(plane) == 3


def test_a_time_limit_is_exit_2_and_remembered(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    plane.reset(faults=[{"on": "GET /control/peers", "hang": True}])
    code, out, err = run(program, tmp_path, f"peers -u {plane.url} --timeout 300ms")
    assert (code, out) == (2, "") and err.startswith("error: Peer diagnostics request timed out.")
    # Within 300 ms a slow machine may not have asked at all.
    before = asked(plane)
    assert run(program, tmp_path, f"peers -u {plane.url} --timeout 300ms")[0] == 1
    assert asked(plane) == before


def test_names_of_the_last_day_stand_in_for_a_server_that_fails(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    plane.reset(faults=[{"on": "GET /control/peers", "status": 503}])
    keep(tmp_path, plane, ["node-old"], DAY - HOUR)
    code, out, err = run(program, tmp_path, f"peers -u {plane.url}")
    assert (code, out) == (0, "node-old\n") and err.startswith("warning: the names are those of an earlier answer. Peer diagnostics request failed: 503")
    assert run(program, tmp_path, f"peers -u {plane.url}") == (0, "node-old\n", "")
    assert asked(plane) == 1
    # The failure that was remembered does not make them younger.
    keep(tmp_path, plane, ["node-old"], DAY + HOUR)
    assert run(program, tmp_path, f"peers -u {plane.url}")[:2] == (1, "")


@pytest.mark.parametrize("age", [-HOUR, -400 * DAY])
def test_a_clock_that_went_back_does_not_keep_names_alive(program: Path, plane: ServerProcess, tmp_path: Path, age: int) -> None:
    keep(tmp_path, plane, ["node-old"], age)
    assert run(program, tmp_path, f"peers -u {plane.url}") == (0, PEERS, "")
    keep(tmp_path, plane, ["node-old"], age)
    plane.reset(faults=[{"on": "GET /control/peers", "status": 503}])
    assert run(program, tmp_path, f"peers -u {plane.url}")[:2] == (1, "")
    keep(tmp_path, plane, [], 0, failed=age)
    assert run(program, tmp_path, f"peers -u {plane.url}")[2].startswith("error: Peer diagnostics request failed")


def test_without_a_place_for_files_it_works_without(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    file = tmp_path / "file"
    file.write_text("")
    for home, variables in ((None, {}), (Path("relative"), {}), (missing, {}), (file, {}), (Path("/proc"), {}), (None, {"XDG_CACHE_HOME": "relative"})):
        assert run(program, home, f"peers -u {plane.url}", **variables) == (0, PEERS, ""), (home, variables)
    assert asked(plane) == 6 and not missing.exists()
    for _ in range(2):
        assert run(program, None, f"peers -u {plane.url}", XDG_CACHE_HOME=str(tmp_path / "xdg" / "")) == (0, PEERS, "")
    assert asked(plane) == 7 and (tmp_path / "xdg" / "omnirelay").is_dir()


def _huge(file: Path) -> None:
    head = file.read_text().split("\n")[:5]
    numbers = file.read_text().split("\n")[5].split(" ")[:3]
    names = [f"{number:04}" + "\u7bc0" * 200 for number in range(9_000)]
    file.write_text("\n".join([*head, " ".join([*numbers, "9000"]), *names, ""]))
    assert file.stat().st_size > 4 << 20


def _linked(file: Path) -> None:
    content = file.read_bytes()
    (file.parent / "elsewhere").write_bytes(content)
    file.unlink()
    file.symlink_to("elsewhere")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _writable(file: Path) -> None:
    file.chmod(0o622)


def _open_folder(file: Path) -> None:
    file.parent.chmod(0o777)


def _foreign(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not run: only root can give a file away")
    os.chown(file, 65534, 65534)


def _foreign_folder(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not run: only root can give a folder away")
    os.chown(file.parent, 65534, 65534)


@pytest.mark.parametrize("spoil", [_huge, _linked, _pipe, _folder, _writable, _open_folder, _foreign, _foreign_folder])
def test_a_file_that_is_not_the_users_own_is_not_read(program: Path, plane: ServerProcess, tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    spoil(keep(tmp_path, plane, ["node-planted"], 1_000))
    assert run(program, tmp_path, f"peers -u {plane.url}") == (0, PEERS, "")


def test_nothing_is_made_in_the_home_of_another_user(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not run: only root can give a folder away")
    os.chown(tmp_path, 65534, 65534)
    assert run(program, tmp_path, f"peers -u {plane.url}") == (0, PEERS, "")
    assert list(tmp_path.iterdir()) == []


def test_several_at_once_leave_one_whole_file(program: Path, plane: ServerProcess, tmp_path: Path) -> None:
    command = [program, "completion", "candidates", "peers", "-u", plane.url, "--max-age", "0s", "--timeout", "50s"]
    running = [subprocess.Popen(command, env={"HOME": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(12)]
    assert {process.communicate(timeout=60) for process in running} == {(PEERS, "")}
    question, file = kept_file(tmp_path, plane)
    kept = name_cache.decode(file.read_bytes(), question)
    assert kept is not None and kept.names == FRIENDLY and [path.name for path in file.parent.iterdir()] == [file.name]


QUESTION = Question("shards", "http://h/", "a b", "c")
NAMES = st.lists(st.from_regex(r"[a-z0-9_][a-z0-9._:/@+%-]{0,12}", fullmatch=True), unique=True, max_size=30).map(sorted)
TIMES = st.integers(0, 10**16)


@given(NAMES, TIMES, TIMES, TIMES)
def test_what_is_written_is_read(names: list[str], answered: int, whole: int, failed: int) -> None:
    found = name_cache.decode(name_cache.encode(QUESTION, Kept(names, answered, whole, failed)), QUESTION)
    assert found is not None and (found.names, found.answered, found.whole, found.failed) == (names, answered, whole, failed)
    for words in ("peers,http://h/,a b,c", "shards,http://g/,a b,c", "shards,http://h/,a,c", "shards,http://h/,a b,"):
        other = Question(*words.split(","))
        assert name_cache.decode(name_cache.encode(QUESTION, Kept(names, answered, whole, failed)), other) is None


@given(NAMES, st.integers(0, 400), st.binary(max_size=6), st.integers(0, 6))
def test_a_file_that_was_changed_is_read_as_it_stands_or_not_at_all(names: list[str], at: int, put: bytes, taken: int) -> None:
    data = name_cache.encode(QUESTION, Kept(names, 1_735_787_045_000, 7, 0))
    changed = data[:at] + put + data[at + taken :]
    found = name_cache.decode(changed, QUESTION)
    assert found is None or name_cache.encode(QUESTION, found) == changed
    if found is not None:
        assert all(map(shell_names.offered, found.names)) and found.names == sorted(set(found.names))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_word(data: bytes) -> None:
    assert name_cache.decode(data, QUESTION) is None


@pytest.mark.parametrize(
    "line", ["1 1 0", "1 1 0 2", "-1 1 0 1", "01 1 0 1", "1  1 0 1", "1 1 0 1 ", "\u0661 1 0 1", "99999999999999999 1 0 1", "9" * 5000 + " 1 0 1", "1 1 0 0"]
)
def test_numbers_are_read_strictly(line: str) -> None:
    head = "omnirelay names 2\nshards\nhttp://h/\na b\nc\n"
    assert name_cache.decode(f"{head}1 1 0 1\nname\n".encode(), QUESTION) is not None
    assert name_cache.decode(f"{head}{line}\nname\n".encode(), QUESTION) is None


@pytest.mark.parametrize("names", [["b", "a"], ["a", "a"], ["a b"], ["$(touch ran)"], ["-a"], [""], ["x" * 256]])
def test_names_that_would_not_have_been_offered_spoil_the_file(names: list[str]) -> None:
    assert name_cache.decode(name_cache.encode(QUESTION, Kept(names, 1, 1, 0)), QUESTION) is None


def test_places_are_few_and_the_same_in_every_process() -> None:
    places = {Question("peers", f"http://h{number}/").place for number in range(5000)}
    assert len(places) == 256 and Question("peers", "http://127.0.0.1:8080/").place == "peers-199"
