"""A cell that failed is run again from its capsule alone: the same artifact does the same, another one is told apart, and no control plane is started."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from plugin_project import GREET, Project, project
from typer.testing import CliRunner

from harness.cli import app
from harness.replay.archive import read, write
from harness.servers.client import ServerProcess

pytest_plugins = ["pytester"]
__all__ = ["project"]

CLIENT = f"""\
#!{sys.executable} -IS
import sys, urllib.error, urllib.request
if sys.argv[1] == "--version":
    print("1.0.0")
elif sys.argv[1] == "echo":
    print(*sys.argv[2:])
else:
    request = urllib.request.Request(sys.argv[2] + sys.argv[1], headers={{"X-Who": "me"}})
    try:
        with urllib.request.urlopen(request) as answer:
            print(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        print(error.code, sys.argv[2])
        sys.exit(1)
"""
"""Asks a server for the path in its first argument."""
LIAR = CLIENT.replace('"me"', '"somebody"').replace("print(error.code, sys.argv[2])", 'print(error.code, "oh")')
"""Sends another header, and says something else when it is refused."""
TALK = """\
format = 1
title = "It asks a server, until the server gives in"

[server.plane]
use = "control-plane"
data = "peers.json"
clock = "2025-01-02T03:04:05Z"
faults = [{ on = "GET /healthz", nth = 1, status = 503 }, { on = "GET /healthz", nth = 2, status = 503 }]

[[step]]
id = "own"
send = { server = "plane", method = "GET", path = "/control/peers" }

[[step]]
id = "refused"
run = ["/healthz", "${plane.url}"]
exit = 1
stdout.equals = "503 ${plane.url}\\n"

[[step]]
id = "peers"
run = ["/control/peers", "${plane.url}"]
stdout.snapshot = true

[[step]]
id = "healthy"
run = ["/healthz", "${plane.url}"]
until = { every = "1ms", within = "20s" }
stdout.contains = ["200"]

[[step]]
id = "wrong"
run = ["echo", "${sandbox}"]
stdout.equals = "elsewhere\\n"

[[finally]]
id = "bye"
run = ["echo", "bye"]
stdout.equals = "bye\\n"
"""
CAPSULE = ".harness/last/capsules/integration/talk/-/native-linux-x64.zip"


class Bench:
    """A project whose last run has left a capsule."""

    def __init__(self, project: Project) -> None:
        self.project = project
        project.artifact("native-linux-x64", CLIENT)
        project.artifact("jit-linux-x64", LIAR)
        project.file("scenarios/integration/peers.json", '{"peers": []}')
        project.scenario("integration/talk", TALK)
        project.run("--artifact=native-linux-x64")
        self.capsule = project.root / CAPSULE

    def replay(self, *arguments: str, capsule: Path | None = None) -> tuple[int, str]:
        artifacts = f"--artifacts={self.project.root / 'dist' / 'artifacts.json'}"
        result = CliRunner().invoke(app, ["replay", str(capsule or self.capsule), artifacts, *arguments])
        return result.exit_code, result.output


@pytest.fixture
def bench(project: Project, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench(project)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a replay starts no server process")

    monkeypatch.setattr(ServerProcess, "start", refuse)
    # Nothing of the tree is needed any more.
    for path in (project.root / "scenarios").rglob("*"):
        if path.is_file():
            path.unlink()
    return bench


def test_the_artifact_it_was_recorded_with_does_the_same(bench: Bench) -> None:
    code, output = bench.replay()
    assert (code, output.splitlines()[-1]) == (0, "the same as recorded")
    assert "recorded with tool 1.0.0 as native-linux-x64 (failed)" in output
    assert "now on native-linux-x64 1.0.0, the same build" in output
    steps = [line.split()[-1] for line in output.splitlines() if line.startswith("same     step")]
    assert steps == ["own", "refused", "peers", "healthy", "wrong", "bye"]


def test_an_artifact_that_behaves_otherwise_is_told_apart(bench: Bench) -> None:
    code, output = bench.replay("--artifact=jit-linux-x64")
    assert code == 1
    assert "now on jit-linux-x64 1.0.0, another artifact" in output
    assert "      - 503 <url:plane>" in output
    assert "      + 503 oh" in output
    assert "only the recorded run came to it" in output
    assert "X-Who: somebody" in output
    assert output.splitlines()[-1].startswith("different from the recording in ")


def test_a_capsule_holds_what_the_cell_met_and_nothing_of_the_host(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    capsule = read(bench.capsule)
    assert set(capsule.environment) == {"HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "LANG", "TZ", "COLUMNS"}
    assert sorted(capsule.sources) == ["integration/peers.json", "integration/talk.toml"]
    assert [exchange.target for exchange in capsule.traffic["plane"]] == ["/control/peers", "/healthz", "/control/peers", "/healthz", "/healthz"]
    assert [observation.attempts for observation in capsule.observations] == [1, 1, 1, 2, 1, 1]


def test_what_cannot_be_replayed_ends_with_two(bench: Bench) -> None:
    broken = bench.project.file("broken.zip", "no capsule")
    cut = bench.project.root / "cut.zip"
    whole = read(bench.capsule)
    write(cut, replace(whole, traffic={"plane": tuple(replace(exchange, cut=True) for exchange in whole.traffic["plane"])}))
    other = bench.project.root / "other.zip"
    write(other, replace(whole, sources={"integration/talk.toml": GREET.encode(), "integration/peers.json": b"{}"}))
    for arguments, capsule, words in (
        ([], broken, "is no capsule"),
        ([], cut, "the answers of plane were too large"),
        ([], other, "is another one than it names"),
        (["--artifact=native-linux-x65"], None, "native-linux-x65"),
        (["--artifact=*"], None, "a capsule is replayed on one"),
    ):
        code, output = bench.replay(*arguments, capsule=capsule)
        assert (code, words in output) == (2, True), output
    stranger = bench.project.root / "stranger.zip"
    write(stranger, replace(whole, program="other"))
    code, output = bench.replay(capsule=stranger)
    assert (code, "lists artifacts of tool, and the capsule is one of other; name its list with --artifacts" in output) == (2, True)
    (bench.project.root / "dist" / "native-linux-x64" / "tool").write_text("#!/bin/sh\n", "utf-8")
    assert bench.replay()[0] == 2


def test_capsules_are_made_of_every_cell_on_demand(project: Project) -> None:
    project.artifact("native-linux-x64", CLIENT)
    project.scenario("unit/greet", GREET.replace('run = ["', 'run = ["echo", "'))
    project.run()
    assert not (project.root / ".harness/last/capsules").exists()
    project.run_parallel("--capsules")
    made = sorted(path.relative_to(project.root / ".harness/last/capsules").as_posix() for path in (project.root / ".harness/last/capsules").rglob("*.zip"))
    assert made == ["unit/greet/one/native-linux-x64.zip", "unit/greet/two/native-linux-x64.zip"]
    assert read(project.root / ".harness/last/capsules" / made[0]).verdict == "passed"
