"""Runs over scenarios whose cases share a server: the same verdicts in one process, on several, in shards, one by one and under perturbations."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from plugin_project import Project, project

from harness.artifacts import read
from harness.replay.again import replay
from harness.replay.archive import read as read_capsule
from harness.servers.client import ServerProcess
from harness.servers.pool import ServerPool

__all__ = ["project"]

pytest_plugins = ["pytester"]

PROGRAM = f"""\
#!/bin/sh
case "$1" in --version) echo 1.0.0; exit ;; esac
exec {sys.executable} -I -c '
import sys
from http.client import HTTPConnection
url, *orders = sys.argv[1:]
for order in orders:
    method, path = order.split(":")
    connection = HTTPConnection(url.removeprefix("http://"))
    connection.request(method, path, b"{{}}" if method == "POST" else None, {{"content-type": "application/json"}})
    print(connection.getresponse().status)
' "$@"
"""
"""Sends the requests of its arguments."""
LIAR = PROGRAM.replace("url, *orders = sys.argv[1:]", 'url, *orders = sys.argv[1:]; orders += ["POST:/control/upgrade/drain"] * (orders[0] == "GET:/healthz")')
"""Drains the node besides, when it is only asked for its health."""
TEXT = """\
format = 1
title = "Cases that read one world"

[server.plane]
use = "control-plane"
generate = { kind = "peers", count = 3, seed = 7 }
clock = "2025-01-02T03:04:05Z"
per = "file"

[[case]]
id = "peers"
path = "/control/peers"

[[case]]
id = "health"
path = "/healthz"

[[case]]
id = "upgrade"
path = "/control/upgrade"

[[case]]
id = "again"
path = "/control/peers"

[[step]]
id = "ask"
run = ["${plane.url}", "GET:${case.path}"]
stdout.contains = "200\\n"

[[step]]
id = "once"
received = { server = "plane", method = "GET", path = "${case.path}", times = 1 }
"""
CASES = ("peers", "health", "upgrade", "again")
PATH = "scenarios/integration/shared.toml"


def laid_out(project: Project) -> None:
    project.artifact("honest-any", PROGRAM)
    project.artifact("liar-any", LIAR)
    project.scenario("integration/shared", TEXT)


def expected(*cases: str) -> dict[str, str]:
    """One cell of the liar fails; it harms neither those after it nor those of the other artifact."""
    return {
        f"integration/shared::{case}[{artifact}-any]": "failed" if (artifact, case) == ("liar", "health") else "passed"
        for case in cases
        for artifact in ("honest", "liar")
    }


def test_a_liar_that_writes_harms_nobody_else(project: Project) -> None:
    laid_out(project)
    result = project.run("scenarios")
    assert project.verdicts() == expected(*CASES)
    result.stdout.fnmatch_lines(['*H5002 what plane holds was changed, and per = "file" lets the cases only read it*', "*+ 2: POST /control/upgrade/drain*"])


def test_several_workers_come_to_the_same(project: Project) -> None:
    laid_out(project)
    project.run_parallel("scenarios")
    assert project.verdicts() == expected(*CASES)


def test_shards_and_single_cells_come_to_the_same(project: Project) -> None:
    laid_out(project)
    found: dict[str, str] = {}
    for shard in ("1/2", "2/2"):
        project.run("scenarios", f"--shard={shard}")
        found |= project.verdicts()
    assert found == expected(*CASES)
    for case in ("again", "health"):
        project.run(f"{PATH}::{case}[liar-any]", f"{PATH}::{case}[honest-any]")
        assert project.verdicts() == expected(case)


def test_failed_cells_can_be_run_again_alone(project: Project) -> None:
    laid_out(project)
    project.run("scenarios")
    project.run("scenarios", "--lf")
    assert project.verdicts() == {"integration/shared::health[liar-any]": "failed"}


def test_every_perturbation_reads_the_same_world(project: Project) -> None:
    laid_out(project)
    result = project.run("scenarios", "--perturb=width,locale")
    assert project.verdicts() == expected(*CASES)
    result.stdout.fnmatch_lines(["*under locale: H5002 *", "*under width: H5002 *"])


def test_the_capsule_of_a_cell_that_writes_replays(project: Project) -> None:
    laid_out(project)
    project.run("scenarios", "--artifact=liar-any")
    (path,) = (project.root / ".harness" / "last" / "capsules").rglob("*.zip")
    listed = {artifact.id: artifact for artifact in read(project.root / "dist" / "artifacts.json").artifacts}
    replayed = replay(read_capsule(path), listed["liar-any"])
    assert [(finding.step, finding.check) for finding in replayed.result.findings] == [("ask", "shared")]
    assert replay(read_capsule(path), listed["honest-any"]).result.findings == ()


def test_the_server_is_free_again_when_the_file_is_done(project: Project, tmp_path: Path) -> None:
    ports = tmp_path / "ports"
    project.artifact("logger-any", '#!/bin/sh\ncase "$1" in --version) echo 1.0.0 ;; *) echo "$1" >> "$2" ;; esac\n')
    for name, life in (("first", "file"), ("second", "file"), ("third", "case")):
        server = f'[server.plane]\nuse = "control-plane"\nclock = "2025-01-02T03:04:05Z"\nper = "{life}"\n'
        cases = '[[case]]\nid = "a"\n[[case]]\nid = "b"\n'
        project.scenario(f"integration/{name}", f'format = 1\ntitle = "t"\n{server}{cases}[[step]]\nrun = ["${{plane.port}}", "{ports}"]\n')
    project.run("scenarios")
    assert set(project.verdicts().values()) == {"passed"}
    written = ports.read_text("ascii").split()
    assert len(written) == 6 and len(set(written)) == 1


def test_the_data_stays_from_the_first_cell_of_a_file_to_its_last(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    again, end = ServerProcess.again, ServerPool.end_shared
    monkeypatch.setattr(ServerProcess, "again", lambda server, **settings: told.append("again") or again(server, **settings))
    monkeypatch.setattr(ServerPool, "end_shared", lambda pool: told.append("end") or end(pool))
    laid_out(project)
    project.run("scenarios", "--artifact=honest-any")
    assert set(project.verdicts().values()) == {"passed"}
    assert told == ["again"] * (len(CASES) - 1) + ["end"]
