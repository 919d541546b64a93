"""The commands as processes against real loopback servers: output, messages, exit codes, requests."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cli_interrupts import interruptible
from cli_loopback import Answer, answers_json, hangs, read_request, resets, says, serving

ROOT = Path(__file__).parents[2]
PATHS = f"{ROOT}{os.pathsep}{ROOT / 'cli'}"
SHIPPED = [sys.executable, "-m", "omnirelay"]
REFLECTIVE = [sys.executable, "-m", "cli.declaration"]

PEERS = json.dumps(
    {
        "schemaVersion": "v1",
        "generatedAt": "2024-10-01T02:00:00.5000000+02:00",
        "localNodeId": "node-b",
        "peers": [
            {
                "nodeId": "node-a", "status": "alive", "lastSeen": "2024-10-01T00:00:00+00:00",
                "metadata": {
                    "role": "control", "clusterId": "alpha", "region": "us-east-1", "meshVersion": "1.2.3", "endpoint": "h:1",
                    "metadataVersion": 7, "labels": {"env": "tést"}, "unknown": [1, {"x": None}],
                },
            },
            {"nodeId": "node-c\u001b[2J", "status": 2, "rttMs": 12, "metadata": {"http3Support": False}, "extra": 1},
            {"NodeID": "node-b", "STATUS": "SUSPECT", "rttMs": 2.126, "lastSeen": None, "metadata": {}},
        ],
    }
)  # fmt: skip
TABLE = (
    "Generated at: 2024-10-01T00:00:00.5Z\n"
    "Local node: node-b\n"
    "\n"
    "Node                     Status   Role         Cluster            Region             Version      HTTP/3  rtt (ms)\n"
    "node-b                   Suspect                                                                  yes         2.13\n"
    "node-a                   Alive    control      alpha              us-east-1          1.2.3        yes            -\n"
    "node-c\\x1b[2J            Left                                                                     no            12\n"
)
DRAINED = json.dumps(
    {
        "state": 2,
        "reason": "rolling",
        "updatedAt": "2025-01-01T05:00:03.1234567+00:00",
        "participants": [
            {"name": "http", "state": "FAILED", "lastError": "no\nway", "updatedAt": "2025-01-01T05:00:02+00:00"},
            {"name": "Grpc", "state": 2, "updatedAt": "2025-01-01T05:00:03+00:00"},
        ],
    }
)


def run(*words: str, program: list[str] = SHIPPED, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": PATHS, **settings}
    return subprocess.run([*program, *words], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=50, check=False)


def against(answer: Answer, *words: str, program: list[str] = SHIPPED) -> tuple[subprocess.CompletedProcess[str], list[bytes], str]:
    """The finished process, the requests, and the server's base address."""
    with serving(answer) as server:
        base = f"http://127.0.0.1:{server.port}"
        done = run(*[word.replace("BASE", base) for word in words], program=program)
        return done, list(server.requests), base


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
def test_peers_as_a_table(program: list[str]) -> None:
    done, requests, base = against(answers_json(PEERS), "mesh", "peers", "list", "-u", "BASE/ignored?x", program=program)
    assert (done.returncode, done.stdout, done.stderr) == (0, TABLE, "")
    assert requests == [f"GET /control/peers HTTP/1.1\r\nHost: {base[7:]}\r\nUser-Agent: omnirelay/0.1.0\r\nConnection: close\r\n\r\n".encode()]


@pytest.mark.parametrize("form", ["json", "JSON", "1"])
def test_peers_as_json(form: str) -> None:
    done, _, _ = against(answers_json(PEERS), "mesh", "peers", "list", "--url=BASE", "--format", form)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert done.stdout.startswith('{"schemaVersion":"v1","generatedAt":"2024-10-01T02:00:00.5000000+02:00","localNodeId":"node-b","peers":[{"nodeId":"node-a",')
    third = json.loads(done.stdout)["peers"][2]
    assert third == {
        "nodeId": "node-b",
        "status": "Suspect",
        "rttMs": 2.126,
        "metadata": {"nodeId": "", "role": "", "clusterId": "", "region": "", "meshVersion": "", "http3Support": True, "metadataVersion": 1, "labels": {}},
    }
    assert '"labels":{"env":"tést"},"endpoint":"h:1"' in done.stdout


def test_ten_thousand_peers() -> None:
    peer = {"status": "Alive", "lastSeen": "2024-10-01T00:00:00+00:00", "metadata": {"role": "worker", "labels": {}}}
    peers = [{"nodeId": f"node-{number:05}", **peer} for number in range(10_000)]
    text = json.dumps({"schemaVersion": "v1", "generatedAt": "2024-10-01T00:00:00Z", "localNodeId": "node-09999", "peers": peers[::-1]})
    done, _, _ = against(answers_json(text), "mesh", "peers", "list", "-u", "BASE")
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines), lines[4][:10], lines[5][:10], lines[-1][:10]) == (0, 10_004, "node-09999", "node-00000", "node-09998")
    done, _, _ = against(answers_json(text), "mesh", "peers", "list", "-u", "BASE", "--format", "json")
    assert [peer["nodeId"] for peer in json.loads(done.stdout)["peers"]] == [peer["nodeId"] for peer in peers[::-1]]


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
@pytest.mark.parametrize(
    ("verb", "head", "body"),
    [
        (["status"], "GET /control/upgrade", None),
        (["drain"], "POST /control/upgrade/drain", "{}"),
        (["drain", "--reason", ""], "POST /control/upgrade/drain", '{"reason":""}'),
        (["drain", "--reason", "<ü>\"'"], "POST /control/upgrade/drain", '{"reason":"<ü>\\"\'"}'),
        (["resume"], "POST /control/upgrade/resume", ""),
    ],
)
def test_upgrade_verbs(program: list[str], verb: list[str], head: str, body: str | None) -> None:
    done, requests, base = against(answers_json(DRAINED), "mesh", "upgrade", *verb, "-u", "BASE", program=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "State   : Drained\nReason  : rolling\nUpdated : 2025-01-01T05:00:03.1234567Z\n\nParticipants:\n"
        "  - Grpc: Drained @ 2025-01-01T05:00:03Z\n  - http: Failed @ 2025-01-01T05:00:02Z (error: no\\nway)\n"
    )
    expected = f"{head} HTTP/1.1\r\nHost: {base[7:]}\r\nUser-Agent: omnirelay/0.1.0\r\nConnection: close\r\n"
    if body:
        expected += "Content-Type: application/json; charset=utf-8\r\n"
    if body is not None:
        expected += f"Content-Length: {len(body.encode())}\r\n"
    assert requests == [(expected + "\r\n" + (body or "")).encode()]


@pytest.mark.parametrize("words", [["status", "--json"], ["status", "--format", "json"], ["drain", "--format", "Json"], ["resume", "--format=json"]])
def test_upgrade_verbs_as_json(words: list[str]) -> None:
    done, _, _ = against(answers_json(DRAINED), "mesh", "upgrade", *words, "-u", "BASE")
    assert done.stdout == (
        '{"state":"Drained","reason":"rolling","updatedAt":"2025-01-01T05:00:03.1234567+00:00","participants":['
        '{"name":"http","state":"Failed","lastError":"no\\nway","updatedAt":"2025-01-01T05:00:02+00:00"},'
        '{"name":"Grpc","state":"Drained","updatedAt":"2025-01-01T05:00:03+00:00"}]}\n'
    )


def test_upgrade_text_leaves_out_what_is_blank() -> None:
    done, _, _ = against(answers_json('{"state":"Active","reason":" ","updatedAt":"2025-01-01T05:00:03Z"}'), "mesh", "upgrade", "status", "-u", "BASE")
    assert done.stdout == "State   : Active\nUpdated : 2025-01-01T05:00:03Z\n"


def test_dry_run_sends_nothing() -> None:
    done, requests, base = against(answers_json(DRAINED), "mesh", "upgrade", "drain", "--dry-run", "--reason", "x", "-u", "BASE/p")
    assert done.stdout == f'POST {base}/control/upgrade/drain\nContent-Type: application/json; charset=utf-8\n\n{{"reason":"x"}}\n'
    done, more, base = against(answers_json(DRAINED), "mesh", "upgrade", "drain", "--dry-run", "--format", "json", "-u", "BASE")
    assert json.loads(done.stdout) == {
        "method": "POST",
        "url": base + "/control/upgrade/drain",
        "headers": {"Content-Type": "application/json; charset=utf-8"},
        "body": {},
    }
    assert requests + more == []


SNAPSHOT = json.dumps(
    {
        "service": "demo", "status": "running",
        "procedures": {"unary": [{"name": f"p{number}"} for number in range(7)], "stream": [{"name": "s", "aliases": ["t"]}]},
        "components": [{"name": "c", "componentType": "T"}],
        "outbounds": [{"service": "peer", "oneway": [{"key": "k", "implementationType": "I", "metadata": {"z": 1}}]}],
        "middleware": {"inboundUnary": ["a", "b"], "outboundDuplex": ["c"]},
    }
)  # fmt: skip
SNAPSHOT_TEXT = """Service: demo
Status: Running

Procedures:
  Unary: 7
    p0, p1, p2, p3, p4 (+2 more)
  Oneway: 0
  Stream: 1
    s
  ClientStream: 0
  Duplex: 0

Lifecycle components:
  - c (T)

Outbounds:
  • peer
    Oneway
      - k: I

Middleware (Inbound → Outbound):
  Unary: inbound[2] outbound[0]
  Oneway: inbound[0] outbound[0]
  Stream: inbound[0] outbound[0]
  ClientStream: inbound[0] outbound[0]
  Duplex: inbound[0] outbound[1]
"""


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
def test_introspect(program: list[str]) -> None:
    done, requests, _ = against(answers_json(SNAPSHOT), "introspect", "--url", "BASE/x/y?z", "--format", "Summary", program=program)
    assert (done.returncode, done.stdout, done.stderr) == (0, SNAPSHOT_TEXT, "")
    assert requests[0].startswith(b"GET /x/y?z HTTP/1.1\r\n")
    done, _, _ = against(answers_json(SNAPSHOT), "introspect", "--url", "BASE", "--format", "RAW", program=program)
    loaded = json.loads(done.stdout)
    assert list(loaded) == ["service", "status", "procedures", "components", "outbounds", "middleware", "mode", "capabilities"]
    assert (loaded["status"], loaded["mode"], loaded["capabilities"]) == ("Running", "InProc", [])
    assert loaded["outbounds"][0]["oneway"] == [{"key": "k", "implementationType": "I", "metadata": {"z": 1}}]
    assert done.stdout.startswith('{\n  "service": "demo",\n  "status": "Running",\n  "procedures": {\n    "unary": [\n      {\n        "name": "p0"')


REQUESTS = {
    ("mesh", "peers", "list"): ("Peer diagnostics", "GET", "/control/peers"),
    ("mesh", "upgrade", "status"): ("Upgrade status", "GET", "/control/upgrade"),
    ("mesh", "upgrade", "drain"): ("Drain", "POST", "/control/upgrade/drain"),
    ("mesh", "upgrade", "resume"): ("Resume", "POST", "/control/upgrade/resume"),
    ("introspect",): ("Introspection", "GET", "/"),
}


@pytest.mark.parametrize("verb", REQUESTS, ids=" ".join)
def test_failures_of_every_verb(verb: tuple[str, ...]) -> None:
    name, method, path = REQUESTS[verb]
    failed = "Introspection failed" if name == "Introspection" else f"{name} request failed"
    cases: list[tuple[Answer, str, int]] = [
        (says(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"), f"{name} request failed: 503 Service Unavailable. (", 1),
        (answers_json("null"), f"{name} response was empty. (", 1),
        (answers_json(""), f"{failed}: the answer has no body. (", 1),
        (answers_json("{"), f"{failed}: the answer is not valid JSON: a name in double quotes is missing at line 1 column 2. (", 1),
        (answers_json("[]"), f"{failed}: the answer is not as expected: $: expected an object, found an array. (", 1),
        (resets, f"{failed}: the connection was reset by the server. (", 1),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), f"{failed}: the answer was cut short: 3 of 9 bytes received. (", 1),
        (hangs(b""), f"{name} request timed out. (", 2),
    ]
    for answer, text, code in cases:
        limit = "300ms" if code == 2 else "20s"
        done, _, base = against(answer, *verb, "--url", "BASE", "--timeout", limit)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
        assert done.stderr.startswith("error: " + text + f"{method} {base}{path}; "), done.stderr


@pytest.mark.parametrize("verb", REQUESTS, ids=" ".join)
def test_arguments_are_checked_before_the_network(verb: tuple[str, ...]) -> None:
    done, requests, _ = against(answers_json("{}"), *verb, "--url", "BASE", "--timeout", "5")
    hint = " Use standard TimeSpan formats or suffixes like 5s/1m." if verb == ("introspect",) else ""
    assert (done.returncode, done.stderr) == (1, f"error: Could not parse timeout '5'.{hint} Add a unit, such as 5s.\n")
    assert requests == []
    done = run(*verb, "--url", "nowhere")
    start = "Introspection failed: invalid URL 'nowhere'." if verb == ("introspect",) else "Invalid control-plane URL 'nowhere'."
    assert (done.returncode, done.stderr) == (1, f"error: {start} (expected http://host:port)\n")


def test_an_unknown_format_is_found_before_the_network() -> None:
    done, requests, _ = against(answers_json(SNAPSHOT), "introspect", "--url", "BASE", "--format", "x\x1bml")
    assert (done.returncode, done.stderr, requests) == (1, "error: Unknown format 'x\\x1bml'. Expected 'text' or 'json'.\n", [])


def test_a_password_in_a_url_is_not_repeated() -> None:
    done = run("mesh", "peers", "list", "--url", "http://joe:secret@127.0.0.1:1")
    assert done.returncode == 1
    assert "secret" not in done.stderr and "joe" not in done.stderr and "...@127.0.0.1:1" in done.stderr


def test_details_of_a_refusal_are_shown_safely() -> None:
    problem = json.dumps({"title": "Conflict", "status": 409, "detail": "Node drain is already in\u001b progress."})
    done, _, base = against(answers_json(problem, "409 Con\x1bflict"), "mesh", "upgrade", "drain", "-u", "BASE")
    assert done.stderr == (
        "error: Drain request failed: 409 Con\\x1bflict. Node drain is already in\\x1b progress. "
        f"(POST {base}/control/upgrade/drain; look at omnirelay mesh upgrade status)\n"
    )


def test_debug_adds_a_traceback_and_only_then() -> None:
    plain = run("mesh", "peers", "list", "--url", "x")
    told = run("mesh", "peers", "list", "--url", "x", OMNIRELAY_DEBUG="1")
    assert "Traceback" not in plain.stderr
    assert told.stderr.startswith(plain.stderr + "Traceback (most recent call last):\n")
    assert "in base_address\nFailure: Invalid control-plane URL" in told.stderr


def test_version_and_artifact_info() -> None:
    assert run("--version").stdout == "0.1.0\n"
    shipped, reflective = (json.loads(run("--artifact-info", program=program).stdout) for program in (SHIPPED, REFLECTIVE))
    assert list(shipped) == ["format", "program", "version", "kind", "target", "runtime", "parserHash", "buildId"]
    assert shipped["runtime"] == "CPython " + sys.version.split()[0]
    assert shipped["kind"] == "jit"
    assert reflective == {**shipped, "kind": "reflective"}


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
def test_a_closed_pipe_ends_quietly(program: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with serving(answers_json(PEERS)) as server:
        done = subprocess.run(
            [*program, "mesh", "peers", "list", "-u", f"http://127.0.0.1:{server.port}"],
            stdout=write, stderr=subprocess.PIPE, env={"PYTHONPATH": PATHS}, timeout=50, check=False,
        )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
@pytest.mark.parametrize("most", ["640", "0"])
def test_a_variable_of_the_interpreter_does_not_move_the_limit_of_digits(program: list[str], most: str) -> None:
    words = ("explain", "--", "mesh", "shards", "list", "--page-size")
    kept, beyond = (run(*words, "7" * digits, program=program, PYTHONINTMAXSTRDIGITS=most).stdout for digits in (4300, 4301))
    assert f"--page-size: {'7' * 4300} (command line)" in kept
    assert beyond.endswith("' is not a valid integer.\nexit code: 1\n")


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
@pytest.mark.parametrize("word", ["--version", "--help"])
def test_a_full_disk_is_reported(program: list[str], word: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*program, word], stdout=full, stderr=subprocess.PIPE, env={"PYTHONPATH": PATHS}, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (1, b"error: standard output could not be written: No space left on device.\n")


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
@pytest.mark.parametrize(
    ("word", "closed", "told"), [("--help", 1, b"error: standard output could not be written: Bad file descriptor.\n"), ("--bogus", 2, b"")]
)
def test_a_closed_stream_is_told_on_the_other_one_or_not_at_all(program: list[str], word: str, closed: int, told: bytes) -> None:
    shell = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *program, word]
    done = subprocess.run(shell, capture_output=True, env={"PYTHONPATH": PATHS, "PATH": os.environ["PATH"]}, timeout=50, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (1, told)


@pytest.mark.parametrize("program", [SHIPPED, REFLECTIVE], ids=["shipped", "reflective"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_process_without_a_word(program: list[str], number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        words = ["mesh", "peers", "list", "--timeout", "50s", "-u", f"http://127.0.0.1:{listener.getsockname()[1]}"]
        with interruptible([*program, *words], {"PYTHONPATH": PATHS}) as process:
            connection, _ = listener.accept()
            with connection:
                read_request(connection)
                process.send_signal(number)
                out, err = process.communicate(timeout=50)
    assert (process.returncode, out, err) == (-number, b"", b"")


def on_a_terminal(answer: bytes, *words: str) -> tuple[int, str, int]:
    """Exit code, what the terminal showed, and the number of requests, of a drain that is asked about."""
    with serving(answers_json('{"state":"Drained","updatedAt":"2025-01-01T05:00:03Z"}')) as server:
        leader, follower = pty.openpty()
        command = [*SHIPPED, "mesh", "upgrade", "drain", "-u", f"http://127.0.0.1:{server.port}", *words]
        process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env={"PYTHONPATH": PATHS})
        os.close(follower)
        shown = b""
        asked = False
        while select.select([leader], [], [], 50)[0]:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            shown += piece
            if b"[y/N]: " in shown and not asked:
                asked = True
                os.write(leader, answer)
        os.close(leader)
        return process.wait(50), shown.decode().replace("\r\n", "\n"), len(server.requests)


def test_drain_asks_on_a_terminal() -> None:
    code, shown, requests = on_a_terminal(b"y\n")
    assert (code, requests) == (0, 1)
    assert "Drain the node at http://127.0.0.1:" in shown and "State   : Drained\n" in shown
    code, shown, requests = on_a_terminal(b"\n")
    assert (code, requests) == (1, 0)
    assert "error: The drain was not confirmed and nothing was sent. (answer y, or use --yes)\n" in shown
    code, shown, requests = on_a_terminal(b"\x04")
    assert (code, requests) == (1, 0)
    code, shown, requests = on_a_terminal(b"", "--yes")
    assert (code, requests, "[y/N]" in shown) == (0, 1, False)
