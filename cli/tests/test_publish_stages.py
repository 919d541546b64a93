"""The stages of the published artifacts: what needs the full stage gets it in the middle of a run, nothing else does, and nothing else changes.

A host name beyond ASCII is what needs it. Each test runs twice, with a name that does and with one that does not.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
from cli_loopback import Answer, answers_json, serving

from cli.generator.reading import read_application
from cli.publish import DEFAULT_ARTIFACTS
from cli.publish.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
LEDGER = ROOT / "reports" / "startup-ledger.json"
PEERS = '{"schemaVersion":"v1","generatedAt":"2024-10-01T00:00:00Z","localNodeId":"a","peers":[]}'

both = pytest.mark.parametrize("host", ["127.0.0.1", "127。0。0。1"], ids=["core", "full"])
everywhere = pytest.mark.parametrize("artifact", DEFAULT_ARTIFACTS)


def program(artifact: str) -> Path:
    found = read_manifest(DIST / "artifacts.json").entry(artifact)
    assert found is not None, f"{artifact} is not published; run `conformance publish` first"
    return DIST / str(found["path"])


def peers(artifact: str, url: str, stdout: int = subprocess.PIPE, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [program(artifact), "mesh", "peers", "list", "--url", url]
    return subprocess.run(command, env={}, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=50, check=False)


def redirects(host: str) -> Answer:
    def answer(connection: socket.socket, request: bytes) -> None:
        port = request.partition(b"Host: 127.0.0.1:")[2].partition(b"\r")[0].decode()
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: http://{host}:{port}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


@everywhere
@both
def test_a_redirect_is_followed_after_a_request_was_sent(artifact: str, host: str) -> None:
    with serving(redirects(host), answers_json(PEERS)) as server:
        done = peers(artifact, f"http://127.0.0.1:{server.port}")
        sent = [request.partition(b"\r\nUser-Agent")[0].decode() for request in server.requests]
    assert (done.returncode, done.stderr) == (0, "")
    assert sent == [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}" for path in ("/control/peers", "/elsewhere")]


@everywhere
@both
def test_a_closed_pipe_ends_it_without_a_word(artifact: str, host: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with serving(answers_json(PEERS)) as server:
        done = peers(artifact, f"http://{host}:{server.port}", stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr, len(server.requests)) == (1, "", 1)


@everywhere
@both
def test_output_that_cannot_be_written_is_told(artifact: str, host: str) -> None:
    with serving(answers_json(PEERS)) as server, Path("/dev/full").open("wb") as full:
        done = peers(artifact, f"http://{host}:{server.port}", stdout=full.fileno())
    assert (done.returncode, done.stderr) == (1, "error: standard output could not be written: No space left on device.\n")


def test_no_verb_of_the_core_stage_enters_the_full_one() -> None:
    """The ledger tells modules from outside, by the initialisers that ran. A verb that is declared `full` enters it, as does the row that is meant to."""
    if not LEDGER.exists():
        pytest.fail("there is no start-up ledger; take one with `conformance startup --update`")
    rows = [row for row in json.loads(LEDGER.read_text(encoding="utf-8"))["rows"] if row["artifact"].startswith("native-")]
    slow = {
        command.path.removeprefix("omnirelay ").replace(" ", "-") for command in read_application().commands if command.work and command.work.gear == "full"
    }
    assert len(rows) > 10
    assert {row["run"] for row in rows if "_full_stage" in row["modules"]} == slow | {"host-beyond-ascii"}
