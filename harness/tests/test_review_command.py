"""Review as a person and as a script use it: after a real run, on real goldens, with and without a terminal, with bundles from elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from plugin_project import ECHO, RECORDED, Project, project
from typer.testing import CliRunner

from harness.cli import app
from harness.review.bundle import NAME, read_file

pytest_plugins = ["pytester"]
__all__ = ["project"]

OTHER = ECHO.replace('*) echo "$@"', '*) echo "$@" again')
"""Prints something else than ``ECHO`` for everything but its version."""
TABLE = """\
format = 1
title = "The same text in several cases"

[[case]]
id = "one"

[[case]]
id = "two"

[[step]]
id = "go"
run = ["text"]
stdout.snapshot = true
"""


@dataclass(frozen=True, slots=True)
class Answer:
    exit_code: int
    output: str


class Desk:
    """Where somebody sits who reviews the last run of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.last = project.root / ".harness" / "last"
        self.snapshots = f"--snapshots={project.root / 'snapshots'}"

    def review(self, *arguments: str, source: Path | None = None) -> Answer:
        result = CliRunner().invoke(app, ["review", "--from", str(source or self.last), self.snapshots, *arguments])
        return Answer(result.exit_code, result.output)

    def groups(self) -> list[dict[str, object]]:
        groups: list[dict[str, object]] = json.loads(self.review("--json").output)["groups"]
        return groups


@pytest.fixture
def desk(project: Project) -> Desk:
    """Two artifacts that agree, and two cases with one text for which there is no golden yet."""
    project.artifact("native-linux-x64")
    project.artifact("jit-linux-x64")
    project.scenario("unit/table", TABLE)
    return Desk(project)


def test_a_run_without_failures_leaves_nothing(desk: Desk) -> None:
    desk.project.run()
    assert (desk.last / NAME).is_file()
    desk.review("--accept", "all")
    desk.project.run()
    assert not (desk.last / NAME).exists()


def test_equal_differences_are_one_group_and_accepting_it_makes_the_next_run_green(desk: Desk) -> None:
    output = desk.project.run()
    output.stdout.fnmatch_lines(["pending  to see these differences, *: *conformance review --from .harness/last --snapshots snapshots"])
    (group,) = desk.groups()
    assert (group["state"], group["new"], group["diff"]) == ("pending", True, ["+ text"])
    assert group["goldens"] == ["unit/table/one/go.stdout", "unit/table/two/go.stdout"]
    listed = desk.review("--list")
    assert listed.exit_code == 1
    assert "2 new goldens, printed by jit-linux-x64, native-linux-x64" in listed.output
    accepted = desk.review("--accept", str(group["id"])[:4])
    assert accepted.exit_code == 0
    assert accepted.output.count("written  ") == 2
    assert desk.project.golden("unit/table/two/go.stdout") == "text\n"
    assert desk.project.run().ret == 0


def test_workers_leave_the_same_bundle(desk: Desk) -> None:
    desk.project.run()
    alone = read_file(desk.last / NAME)
    desk.project.run_parallel()
    assert read_file(desk.last / NAME) == alone


def test_nothing_is_accepted_while_artifacts_disagree(desk: Desk) -> None:
    desk.project.artifact("jit-linux-x64", OTHER)
    desk.project.run()
    (group,) = desk.groups()
    assert group["state"] == "blocked"
    for arguments in (["--accept", "all"], ["--accept", str(group["id"])]):
        refused = desk.review(*arguments)
        assert refused.exit_code == 1
        assert "blocked: the artifacts diverge: jit-linux-x64 / native-linux-x64" in refused.output
    assert f"refused  {group['id']}: the artifacts diverge" in refused.output
    assert desk.project.golden("unit/table/one/go.stdout") is None


def test_one_artifact_that_keeps_to_the_golden_blocks_the_other(desk: Desk) -> None:
    desk.project.run("--snapshot-update")
    desk.project.artifact("jit-linux-x64", OTHER)
    desk.project.run()
    (group,) = desk.groups()
    assert group["reason"] == "the artifacts diverge: the golden is still printed by native-linux-x64, but not by jit-linux-x64"
    assert group["diff"] == ["- text", "+ text again"]
    assert "2 goldens, in question on jit-linux-x64, native-linux-x64" in desk.review("--list").output


def test_a_rejected_group_is_not_asked_about_until_the_next_run(desk: Desk) -> None:
    desk.project.run()
    assert desk.review("--reject", "all").exit_code == 0
    assert desk.groups() == []
    assert desk.project.golden("unit/table/one/go.stdout") is None
    assert desk.project.run().ret == 1
    assert len(desk.groups()) == 1


def test_what_only_some_have_tested_needs_the_reference(desk: Desk) -> None:
    desk.project.run("--artifact=jit-linux-x64")
    (group,) = desk.groups()
    assert (group["state"], str(group["reason"])[:16]) == ("blocked", "native-linux-x64")
    assert desk.review("--accept", "all", "--without-reference").exit_code == 0
    assert desk.project.golden("unit/table/one/go.stdout") == "text\n"


def test_bundles_of_two_machines_are_decided_together(desk: Desk, tmp_path: Path) -> None:
    for artifact in ("jit-linux-x64", "native-linux-x64"):
        desk.project.run(f"--artifact={artifact}")
        shutil.make_archive(str(tmp_path / artifact), "zip", desk.last)
    both = desk.review("--from", str(tmp_path / "jit-linux-x64.zip"), "--accept", "all", source=tmp_path / "native-linux-x64.zip")
    assert both.exit_code == 0
    assert desk.project.golden("unit/table/two/go.stdout") == "text\n"


def test_machines_that_tested_different_builds_are_refused(desk: Desk, tmp_path: Path) -> None:
    desk.project.run("--artifact=jit-linux-x64")
    shutil.copytree(desk.last, tmp_path / "elsewhere")
    desk.project.artifact("jit-linux-x64", OTHER)
    desk.project.run("--artifact=jit-linux-x64")
    refused = desk.review("--from", str(tmp_path / "elsewhere"))
    assert (refused.exit_code, "different builds of jit-linux-x64" in refused.output) == (2, True)


def test_a_golden_that_has_changed_since_the_run_is_not_overwritten(desk: Desk) -> None:
    desk.project.run()
    desk.project.file("snapshots/unit/table/one/go.stdout", "something else\n")
    refused = desk.review("--accept", "all")
    assert refused.exit_code == 1
    assert "the golden is another one than the run compared with; run again" in refused.output
    assert desk.project.golden("unit/table/one/go.stdout") == "something else\n"
    assert desk.project.golden("unit/table/two/go.stdout") == "text\n"


def test_failures_of_other_kinds_are_shown_and_cannot_be_accepted(desk: Desk) -> None:
    desk.project.scenario("unit/table", TABLE + "exit = 3\n")
    desk.project.run()
    (group,) = desk.groups()
    assert group["reason"] == "jit-linux-x64, native-linux-x64 failed for other reasons; mend them first"
    assert "not for review: 4 findings that no golden settles" in desk.review().output


def test_a_golden_that_cannot_be_written_is_named_and_stays_undecided(desk: Desk) -> None:
    desk.project.run()
    desk.project.file("snapshots/unit/table/one", "a file where a folder must be")
    refused = desk.review("--accept", "all")
    assert refused.exit_code == 1
    assert "refused  unit/table/one/go.stdout: " in refused.output
    assert desk.project.golden("unit/table/two/go.stdout") == "text\n"


def test_what_cannot_be_done_ends_with_two(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.project.run()
    for arguments, words in (
        (["--accept", "ffffffff"], "is no group; there is: "),
        (["--accept", ""], "is no group"),
        (["--accept", "all", "--list"], "--list decides nothing"),
        (["--from", "nowhere"], "there is nothing there"),
    ):
        answer = desk.review(*arguments)
        assert (answer.exit_code, words in answer.output) == (2, True), answer.output
    monkeypatch.setenv("CI", "true")
    assert "goldens are never written while CI=true" in desk.review("--accept", "all").output
    monkeypatch.delenv("CI")
    desk.project.file(".harness/last/pending-rejected.json", "[1]")
    assert "is no list of rejected groups" in desk.review().output
    desk.project.file(".harness/last/pending-rejected.json", '{"format": 1, "groups": ["00000000"], "groups": []}')
    assert "occurs twice" in desk.review().output


def test_a_group_cannot_be_accepted_and_rejected_but_all_means_the_rest(desk: Desk) -> None:
    desk.project.scenario("unit/recorded", RECORDED)
    desk.project.run()
    first = str(desk.groups()[0]["id"])
    assert desk.review("--accept", first, "--reject", first).exit_code == 2
    both = desk.review("--accept", "all", "--reject", "all")
    assert both.exit_code == 2 and "cannot be accepted and rejected at once" in both.output
    done = desk.review("--reject", first, "--accept", "all")
    assert done.exit_code == 0
    assert desk.groups() == []
    assert [desk.project.golden(f"unit/recorded/{step}.stdout") for step in ("first", "second")] == [None, "second\n"]


def at_a_terminal(desk: Desk, answers: str) -> tuple[int, str]:
    """A real review on a pseudo-terminal; what is typed is there before it is asked for."""
    command = [sys.executable, "-m", "harness.cli", "review", "--from", str(desk.last), desk.snapshots]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    mine, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=desk.project.root) as process:
        os.close(theirs)
        os.write(mine, answers.encode())
        parts = []
        with contextlib.suppress(OSError):  # the end of a pseudo-terminal is an error
            while part := os.read(mine, 65536):
                parts.append(part)
    os.close(mine)
    return process.returncode, b"".join(parts).decode()


def test_at_a_terminal_each_group_is_asked_about(desk: Desk) -> None:
    desk.project.scenario("unit/recorded", RECORDED)
    desk.project.run()
    code, output = at_a_terminal(desk, "what\na\nr\nq\n")
    assert code == 1
    assert "say a, r, s or q" in output
    assert output.count("accept, reject, skip or quit?") == 4
    assert "1 group to decide, 0 blocked" in output
    written = [key for key in ("unit/recorded/first.stdout", "unit/recorded/second.stdout", "unit/table/one/go.stdout") if desk.project.golden(key)]
    assert written == ["unit/recorded/first.stdout"]
    code, output = at_a_terminal(desk, "a\n")
    assert (code, "nothing is left to decide" in output) == (0, True)


def test_the_end_of_the_input_decides_nothing(desk: Desk) -> None:
    desk.project.run()
    assert at_a_terminal(desk, "\x04")[0] == 1
    assert desk.project.golden("unit/table/one/go.stdout") is None
