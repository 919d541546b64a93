"""Every kind of bad input is a diagnostic with a name, exit code 1, while everything else runs and nothing is lost or half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_project import GREET, RECORDED, Project, project

from harness.load.codes import CODES

pytest_plugins = ["pytester"]
__all__ = ["project"]

STEP = '\n[[step]]\nrun = ["x"]\nstdout.ignore = "not of interest"\n'
HEAD = 'format = 1\ntitle = "t"\n'
KILL = """\
#!/bin/sh
case "$1" in
  --version) echo 1.0.0; exit ;;
  kill) ;;
  *) echo "$@"; exit ;;
esac
for entry in /proc/[0-9]*; do
  if [ "$(cut -d' ' -f4 $entry/stat 2>/dev/null)" = $PPID ] && tr '\\0' ' ' < $entry/cmdline | grep -q servers.control_plane; then
    kill -9 ${entry#/proc/}
    while [ "$(cut -d' ' -f3 $entry/stat)" != Z ]; do :; done
  fi
done
"""
"""Told to, it ends the control plane of the harness and waits until it is dead."""


@pytest.fixture
def tree(project: Project) -> Project:
    """Two cells that pass, whatever else is in the tree."""
    project.artifact("native-linux-x64")
    project.scenario("unit/greet", GREET)
    return project


def _as_user(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run that permissions hold for, also when the tests run as root."""
    rights = ("dac_override", "dac_read_search")
    off = ",".join(f"-{right}" for right in rights)
    prefix = ["setpriv", f"--bounding-set={off}", f"--inh-caps={off}"] if os.geteuid() == 0 else []
    command = [*prefix, sys.executable, "-m", "pytest", "-p", "syrupy", "-p", "harness.plugin", "--scenarios=scenarios", *arguments]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)


def _bad(project: Project, code: str, *lines: str, errors: int = 1, parallel: bool = False) -> None:
    """The run is red for this code: the other cells pass, on one process and, where collecting is what goes wrong, on two."""
    assert code in CODES
    for run in (project.run, project.run_parallel) if parallel else (project.run,):
        result = run("--scenarios=scenarios")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(passed=2, errors=errors)
        result.stdout.fnmatch_lines([f"*  {code}  *", *lines])
        assert "Traceback" not in result.stdout.str()


def test_an_unreadable_file(tree: Project) -> None:
    tree.scenario("unit/closed", HEAD + STEP).chmod(0)
    result = _as_user(tree)
    assert result.returncode == 1
    assert "scenarios/unit/closed.toml:1:1  H1001  cannot be read: Permission denied" in result.stdout
    assert "2 passed, 1 error" in result.stdout


def test_a_link_to_a_file_that_is_not_there(tree: Project) -> None:
    (tree.root / "scenarios/unit/gone.toml").symlink_to("nowhere.toml")
    _bad(tree, "H1001", "not run  scenarios/unit/gone.toml: cannot be loaded: *", parallel=True)


def test_a_folder_that_contains_itself(tree: Project) -> None:
    (tree.root / "scenarios/unit/again").symlink_to("../unit", target_is_directory=True)
    _bad(tree, "H1010", "not run  scenarios/unit/again: cannot be loaded: 1:1  H1010*", parallel=True)


def test_files_that_include_each_other(tree: Project) -> None:
    tree.file("scenarios/_lib/one.toml", 'format = 1\ninclude = ["two"]\n')
    tree.file("scenarios/_lib/two.toml", 'format = 1\ninclude = ["one"]\n')
    tree.scenario("unit/circle", f'{HEAD}include = ["one"]\n{STEP}')
    _bad(tree, "H2501", "*included from scenarios/_lib/one.toml:2:12", "*included from scenarios/unit/circle.toml:3:12")


def test_a_folder_of_included_files_that_contains_itself(tree: Project) -> None:
    tree.file("scenarios/_lib/one.toml", 'format = 1\ninclude = ["again/again/one"]\n')
    (tree.root / "scenarios/_lib/again").symlink_to(".", target_is_directory=True)
    tree.scenario("unit/circle", f'{HEAD}include = ["one"]\n{STEP}')
    _bad(tree, "H2501", errors=2)  # the loop is told, too


def test_two_steps_of_one_id(tree: Project) -> None:
    tree.scenario("unit/twins", HEAD + (STEP + 'id = "ask"\n') * 2)
    _bad(tree, "H2110")


def test_a_capture_that_nobody_made(tree: Project) -> None:
    tree.scenario("unit/unknown", HEAD + STEP + "capture.started = { exit = true }\n" + STEP.replace('"x"', '"${stated}"'))
    _bad(tree, "H2203", '*did you mean "started"[?] known here: started, sandbox')


def test_a_procedure_that_calls_itself(tree: Project) -> None:
    tree.scenario("unit/endless", f'{HEAD}\n[procedure.again]\n\n[[procedure.again.step]]\ncall = "again"\n\n[[step]]\ncall = "again"\n')
    _bad(tree, "H2503", "*called from scenarios/unit/endless.toml:9:1")


def test_a_golden_that_is_binary(tree: Project) -> None:
    tree.scenario("unit/recorded", RECORDED)
    tree.file("snapshots/unit/recorded/second.stdout", "second\n")
    golden = tree.file("snapshots/unit/recorded/first.stdout", "")
    golden.write_bytes(b"\xff\xfe\x00")
    for options in ((), ("--snapshot-update",)):
        result = tree.run("--scenarios=scenarios", *options)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(["HARNESS ERROR  unit/recorded   on native-linux-x64", "      H4001 *first.stdout: is not UTF-8 text*"])
        assert golden.read_bytes() == b"\xff\xfe\x00"
    assert tree.golden("unit/recorded/second.stdout") == "second\n"


def test_a_golden_that_is_a_folder(tree: Project) -> None:
    tree.scenario("unit/recorded", RECORDED)
    (tree.root / "snapshots/unit/recorded/first.stdout").mkdir(parents=True)
    result = tree.run("--scenarios=scenarios")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["      H4003 *first.stdout: cannot be read: *"])


def test_a_snapshot_folder_that_is_read_only(tree: Project) -> None:
    tree.scenario("unit/recorded", RECORDED)
    tree.scenario("integration/recorded", RECORDED)
    folder = tree.file("snapshots/unit/recorded/first.stdout", "before\n").parent
    folder.chmod(0o555)
    result = _as_user(tree, "--snapshot-update")
    folder.chmod(0o755)
    assert result.returncode == 1
    for name in ("first", "second"):
        assert f"golden   not written: unit/recorded/{name}.stdout: H4002 " in result.stdout
    assert "4 passed" in result.stdout
    assert [path.name for path in folder.iterdir()] == ["first.stdout"], "nothing half-written is left behind"
    assert tree.golden("unit/recorded/first.stdout") == "before\n"
    assert tree.golden("integration/recorded/second.stdout") == "second\n", "the other goldens are written"


def test_a_golden_is_replaced_as_a_whole(tree: Project) -> None:
    """Whoever has the old file open reads the old text to its end."""
    tree.scenario("unit/recorded", RECORDED)
    golden = tree.file("snapshots/unit/recorded/first.stdout", "before\n")
    with golden.open() as reader:
        assert tree.run("--scenarios=scenarios", "--snapshot-update").ret == pytest.ExitCode.OK
        assert reader.read() == "before\n"
    assert golden.read_text() == "first\n"


def test_a_control_plane_that_dies_in_the_middle(project: Project) -> None:
    project.artifact("native-linux-x64", KILL)
    project.scenario("unit/greet", GREET)
    plane = '\n[server.plane]\nuse = "control-plane"\ngenerate = { kind = "peers", count = 2, seed = 7 }\n'
    asks = '\n[[step]]\nreceived = { server = "plane", times = 0 }\n'
    project.scenario("integration/killed", HEAD + plane + '\n[[step]]\nrun = ["kill"]\n' + asks)
    project.scenario("integration/other", HEAD + plane + STEP + asks)
    for run in (project.run, project.run_parallel):
        result = run("--scenarios=scenarios")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(passed=3, errors=1)
        result.stdout.fnmatch_lines(["HARNESS ERROR  integration/killed   on native-linux-x64", "      H5001 server plane died while the steps ran*"])
        assert project.verdicts()["integration/killed::[native-linux-x64]"] == "harness-error"
        assert "Traceback" not in result.stdout.str()


def test_a_failure_inside_a_procedure_shows_the_step_and_the_call(tree: Project) -> None:
    tree.file(
        "scenarios/_lib/say.toml",
        'format = 1\n\n[procedure.it]\nparams = ["word"]\n\n[[procedure.it.step]]\nid = "ask"\nrun = ["hello"]\nstdout.lines = ["${word}"]\n',
    )
    tree.scenario("unit/called", f'{HEAD}include = ["say"]\n\n[[step]]\nid = "greet"\ncall = {{ procedure = "say.it", word = "good bye" }}\n')
    result = tree.run("--scenarios=scenarios")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "FAIL  unit/called   on native-linux-x64",
            "      step 1 of 1  greet.ask      scenarios/_lib/say.toml:9",
            "      called from scenarios/unit/called.toml:5",
            "      stdout does not have the expected line",
            "        - good bye",
            "        + hello",
        ]
    )


def test_a_flaky_step_is_red_unless_the_ledger_covers_it(tree: Project) -> None:
    count = tree.root / "count"
    script = f'#!/bin/sh\n[ "$1" = --version ] && {{ echo 1.0.0; exit; }}\n[ -e {count} ] && {{ echo ok; exit; }}\n'
    script += f'touch {count}\necho "connection reset" >&2\nexit 1\n'
    tree.artifact("native-linux-x64", script)
    shutil.rmtree(tree.root / "scenarios/unit")
    retry = 'retry = { times = 2, matches = "connection reset", issue = "https://example.invalid/7" }\n'
    tree.scenario("unit/flaky", f'{HEAD}\n[[step]]\nid = "ask"\nrun = []\n{retry}stdout.equals = "ok\\n"\n')
    result = tree.run("--scenarios=scenarios")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["      needed 2 runs: it failed with a text that retry knows*", "        + run 1: connection reset"])
    entry = 'scenario = "unit/flaky"\nwhere = { step = "ask", matches = "connection reset" }\nreason = "r"\nissue = "i"\nowner = "o"\nexpires = 2999-01-01\n'
    tree.file("scenarios/expectations.toml", f'format = 1\n\n[[entry]]\noutcome = "flaky"\n{entry}')
    count.unlink()
    covered = tree.run("--scenarios=scenarios")
    assert covered.ret == pytest.ExitCode.OK
    covered.assert_outcomes(xfailed=1)
    steady = tree.run("--scenarios=scenarios")
    assert steady.ret == pytest.ExitCode.OK, "a flaky step may hold at once"


def test_each_code_about_goldens_and_servers_is_tested_by_a_whole_run() -> None:
    files = (Path(__file__), Path(__file__).with_name("test_plugin_shared_servers.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert all(f'"{code}' in text or f"      {code} " in text or f" {code} " in text for code in CODES if code.startswith(("H4", "H5")))
