"""Looking host names up: in time, too late and not at all, with a real name server that never answers, in each kind of program."""

from __future__ import annotations

import _thread
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_loopback import answers_json, serving
from cli_names import interpreted

from cli.equivalence import parsers, processes
from omnirelay.transport.name_lookup import look_up

SILENT = "127.0.0.253"
PEERS = '{"schemaVersion":"v1","generatedAt":"2024-10-01T00:00:00Z","localNodeId":"a","peers":[]}'
# Its own view of the file system, in which the two files that every resolver reads are ours.
NAMES = "mount --make-rprivate / && mount --bind resolv.conf /etc/resolv.conf && mount --bind hosts /etc/hosts"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the files; while it is there, somebody listens at the name server's address and says nothing."""
    place = tmp_path_factory.mktemp("names")
    (place / "resolv.conf").write_text(f"nameserver {SILENT}\n")
    (place / "hosts").write_text("127.0.0.1 plane.test\n")
    if shutil.which("unshare") is None or run(place, ["true"]).returncode != 0:
        pytest.skip("not run: no mount namespace can be made here; run as root")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        # Several processes that run these tests may be silent there together.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            server.bind((SILENT, 53))
        except OSError as problem:
            pytest.skip(f"not run: no name server can be opened at {SILENT}:53: {problem.strerror}")
        yield place


@pytest.fixture(scope="module", params=["checkout", "native-linux-x64", "jit-linux-x64"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    if request.param == "checkout":
        return [str(interpreted(tmp_path_factory.mktemp("bin")))]
    return [str(processes.programs(parsers.ROOT / "dist" / "artifacts.json")[request.param][0])]


def run(names: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    inside = ["unshare", "--mount", "sh", "-c", f'{NAMES} && exec "$@"', "sh", *command]
    return subprocess.run(inside, cwd=names, env={"XDG_CACHE_HOME": "/proc", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("verb", ["mesh peers list", "completion candidates peers"])
def test_a_name_server_that_never_answers_cannot_outlast_the_time_limit(names: Path, program: list[str], verb: str) -> None:
    done = run(names, [*program, *verb.split(), "--url", "http://plane.example:8080", "--timeout", "300ms"])
    advice = "no complete answer within 300ms; raise --timeout or look at the control plane"
    assert done.stderr == f"error: Peer diagnostics request timed out. (GET http://plane.example:8080/control/peers; {advice})\n"
    assert (done.returncode, done.stdout) == (2, "")


def test_a_name_that_is_found_is_used(names: Path, program: list[str]) -> None:
    with serving(answers_json(PEERS)) as server:
        done = run(names, [*program, "mesh", "peers", "list", "--url", f"http://plane.test:{server.port}"])
    assert (done.returncode, done.stderr) == (0, "") and "Local node: a\n" in done.stdout


def test_each_page_is_looked_up_anew(names: Path, program: list[str]) -> None:
    with serving(answers_json('{"items":[],"nextCursor":"c","version":1}'), answers_json('{"items":[],"version":1}')) as server:
        done = run(names, [*program, "mesh", "shards", "list", "--all", "--url", f"http://plane.test:{server.port}"])
    assert (done.returncode, done.stderr) == (0, "") and len(server.requests) == 2


def test_where_no_thread_can_be_had_the_name_is_looked_up_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", refuse)
    assert (socket.AF_INET, "127.0.0.1") in look_up(b"127.0.0.1", 80, 1.0)  # type: ignore[operator]
    with pytest.raises(OSError):
        look_up(b"-", 80, 1.0)
