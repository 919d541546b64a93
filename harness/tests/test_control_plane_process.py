"""The process: its ready line, its end, its store across restarts, and the one line it says when it cannot start."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.tests.control_plane_support import CLOCK, PATIENCE, ask, await_state, drain, get, sent, state_of, until, words

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "harness.servers.control_plane"]


@contextmanager
def running(*arguments: object, stdin: int = subprocess.DEVNULL) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, object]]]:
    process = subprocess.Popen([*COMMAND, "--port", "0", *map(str, arguments)], cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def refused(*arguments: object) -> str:
    command = [*COMMAND, "--port", "0", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_ready_line_and_a_clean_end_by_signal(number: signal.Signals) -> None:
    with running() as (process, ready):
        assert list(ready) == ["format", "ready", "url", "admin", "pid"]
        assert (ready["format"], ready["ready"], ready["pid"]) == (1, True, process.pid)
        # A connection that is idle and a request that never ends must not hold the end up.
        asked = ask(str(ready["admin"]), "POST", "/reset", b'{"faults":[{"on":"GET /healthz","hang":true}]}')
        assert asked.json == {"format": 1, "url": ready["url"]}
        with sent(str(ready["url"]), get("/healthz")), sent(str(ready["url"]), b""):
            until(lambda: ask(str(ready["admin"]), "GET", "/requests").json["requests"], bool)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (0, b"", b"")


def test_the_end_of_standard_input_ends_the_process() -> None:
    with running("--exit-with-stdin", stdin=subprocess.PIPE) as (process, _):
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (0, b"", b"")


def test_without_the_option_standard_input_does_not_matter() -> None:
    with running() as (process, ready):
        assert ask(str(ready["url"]), "GET", "/healthz").status == 200
        assert process.poll() is None


def test_the_admin_port_is_not_the_public_one() -> None:
    with running() as (_, ready):
        url, admin = str(ready["url"]), str(ready["admin"])
        assert ask(url, "GET", "/requests").status == 404
        unknown = ask(admin, "GET", "/control/peers")
        assert (unknown.status, unknown.json["error"]) == (
            404,
            "the admin port answers POST /reset, POST /again, POST /faults, GET /requests, GET /changes and GET /traffic",
        )
        bad = ask(admin, "POST", "/reset", b"{")
        assert bad.status == 400 and bad.json["error"].startswith("reset: not JSON")
        assert [entry["path"] for entry in ask(admin, "GET", "/requests").json["requests"]] == ["/requests"]


def test_options_set_the_start(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"$schema":"x","localNodeId":"n","upgrade":{"state":"Drained","participants":[]}}')
    (tmp_path / "faults.json").write_text('[{"on":"GET /healthz","status":500}]')
    with running("--data", tmp_path / "data.json", "--faults", tmp_path / "faults.json", "--clock", CLOCK, "--enums", "numbers", "--host", "::1") as (_, ready):
        url = str(ready["url"])
        assert url.startswith("http://[::1]:")
        assert state_of(url) == {"state": 2, "updatedAt": "2025-01-02T03:04:05+00:00", "participants": []}
        assert ask(url, "GET", "/healthz").status == 500
        ask(str(ready["admin"]), "POST", "/reset", b'{"enums":"names","faults":[]}')
        assert (state_of(url)["state"], ask(url, "GET", "/healthz").status) == ("Drained", 200)


def test_a_store_keeps_the_state_across_restarts_and_kills(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"peers":[{"nodeId":"kept","status":"Alive"}]}')
    options = ("--store", tmp_path / "plane.db", "--data", tmp_path / "data.json", "--clock", CLOCK)
    with running(*options) as (process, ready):
        assert drain(str(ready["url"]), {"reason": "move"}).status == 200
        before = state_of(str(ready["url"]))
        process.kill()
    with running(*options) as (_, ready):
        url = str(ready["url"])
        assert state_of(url) == before
        assert ask(url, "POST", "/control/upgrade/resume").status == 200
        assert ask(url, "GET", "/control/peers").json["peers"][0]["nodeId"] == "kept"


@pytest.mark.parametrize("ending", ["under-way", "failed"])
def test_a_restart_frees_a_node_that_is_stuck(tmp_path: Path, ending: str) -> None:
    participants = '{"name":"a"},{"name":"b","drain":"30m"}' if ending == "under-way" else '{"name":"a"},{"name":"b","fail":"no"}'
    (tmp_path / "data.json").write_text(f'{{"upgrade":{{"participants":[{participants}]}}}}')
    options = ("--store", tmp_path / "plane.db", "--data", tmp_path / "data.json")
    request = b"POST /control/upgrade/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    with running(*options) as (process, ready), sent(str(ready["url"]), request):
        await_state(str(ready["url"]), "Draining" if ending == "under-way" else "Failed")
        process.kill()
        process.wait()
    with running(*options) as (_, ready):
        document = state_of(str(ready["url"]))
        assert (document["state"], words(document), "reason" in document) == ("Active", ["Active", "Active"], False)


def test_a_store_belongs_to_one_process(tmp_path: Path) -> None:
    store = tmp_path / "plane.db"
    with running("--store", store):
        assert refused("--store", store) == f"error: store {store} is in use by another process; stop that one or give another file"


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("hello " * 1000)
    assert refused("--store", text) == f"error: store {text} is no SQLite file; give another file"
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    assert refused("--store", foreign) == f"error: store {foreign} has layout 0 and not 2; give another file or remove this one"
    assert "check that its directory exists" in refused("--store", tmp_path / "no" / "plane.db")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    assert refused("--data", data) == f"error: {data}: cannot be read: No such file or directory"
    data.write_text('{"peers":[{"nodeId":"a","status":"Aliv"}]}')
    assert refused("--data", data) == f'error: {data}: $.peers[0].status: text "Aliv" is none of Alive, Suspect, Left; did you mean "Alive"?'
    assert refused("--clock", "noon") == 'error: --clock: "noon" is neither "live" nor a moment such as 2025-01-02T03:04:05Z'
    assert refused("--enums", "digits") == 'error: --enums: "digits" is neither "names" nor "numbers"'


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("--port", port)
        assert said == f"error: cannot listen on 127.0.0.1 port {port}: Address already in use; give another --host or --port (0 takes a free port)"
        assert refused("--admin-port", port).startswith(f"error: cannot listen on 127.0.0.1 port {port}: ")
    assert refused("--port", 70000).startswith("error: cannot listen on 127.0.0.1 port 70000: ")


PARENT = """
import os, sys
from harness.servers.pool import ServerPool
pool = ServerPool()
with pool.lease("control-plane", {}) as first, pool.lease("control-plane", {}) as second:
    print(first.pid, second.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd to await a process that is no child")
def test_a_killed_parent_leaves_no_server_behind() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None and parent.stdin is not None
    handles = [os.pidfd_open(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(handles) == 2
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    for handle in handles:
        assert select.select([handle], [], [], PATIENCE)[0], "the server outlived its parent"
        os.close(handle)
