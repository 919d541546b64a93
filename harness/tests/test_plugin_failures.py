"""What a failure looks like, that its replay command works, and that faults of the harness or of a file are told apart from it."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from plugin_project import ECHO, GREET, RECORDED, Project, project

pytest_plugins = ["pytester"]
__all__ = ["project"]

LIAR = ECHO.replace("*)", 'hello) echo "hallo"; echo "warning: lying" >&2; exit 3 ;;\n  *)')
"""Answers ``hello`` wrongly in every respect."""

BROKEN = """\
format = 1
title = "A file with two mistakes"

[[step]]
id = "first"
run = ["--version"]
exitcode = 0
stdout.equals = "${nowhere}"
"""

LEDGER = """\
format = 1

[[entry]]
scenario = "unit/greet"
case = "one"
artifact = "frozen-*"
where = {{ step = "greet", stream = "{stream}", matches = "lying" }}
reason = "the loader talks too much"
issue = "https://example.invalid/issues/1"
owner = "@release"
expires = 2999-01-01
"""


@pytest.fixture
def liar(project: Project) -> Project:
    project.artifact("native-linux-x64")
    project.artifact("frozen-linux-x64", LIAR)
    project.scenario("unit/greet", GREET)
    return project


def test_a_failure_names_scenario_artifact_step_difference_replay_and_raw_output(liar: Project) -> None:
    result = liar.run()
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "FAIL  unit/greet :: one   on frozen-linux-x64",
            "      step 1 of 1  greet      scenarios/unit/greet.toml:*",
            "      exit 3 instead of exit 0",
            "        - hello",
            "        + hallo",
            "      stderr *",
            "        + warning: lying",
            "      exit 3 · * ms",
            "      raw      .harness/last/unit/greet/one/frozen-linux-x64/greet.stdout",
            "      raw      .harness/last/unit/greet/one/frozen-linux-x64/greet.stderr",
            "      replay   *",
            "native-linux-x64  2 passed",
            "frozen-linux-x64  1 passed, 1 failed",
            "results  .harness/last/events.jsonl",
        ]
    )
    assert (liar.root / ".harness/last/unit/greet/one/frozen-linux-x64/greet.stderr").read_bytes() == b"warning: lying\n"
    (failed,) = [cell for cell in liar.events().cells if cell.findings]
    assert [(finding.step, finding.aspect) for finding in failed.findings] == [("greet", "exit"), ("greet", "stdout"), ("greet", "stderr")]


def test_the_replay_command_can_be_pasted_into_a_shell(liar: Project) -> None:
    output = liar.run("--scenarios=scenarios").stdout.str()
    found = re.search(r"^ +replay   (.*)$", output, re.MULTILINE)
    assert found is not None
    again = subprocess.run(["sh", "-c", f"{found[1]} -p syrupy"], cwd=liar.root, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "FAIL  unit/greet :: one   on frozen-linux-x64" in again.stdout
    assert "1 failed" in again.stdout
    assert "passed" not in again.stdout.splitlines()[-1]
    kept = re.search(r"^ +sandbox  (.*)$", again.stdout, re.MULTILINE)
    assert kept is not None
    assert subprocess.run(["ls", shlex.split(kept[1])[0]], capture_output=True, text=True, check=True).stdout.split() == ["home", "tmp", "work"]


def test_equal_findings_of_several_artifacts_are_one(liar: Project) -> None:
    liar.artifact("jit-linux-x64", LIAR)
    result = liar.run()
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines(
        ["finding  unit/greet, step greet: *same hunk in 2 artifacts and 1 case: frozen-linux-x64, jit-linux-x64 (native-linux-x64 without it)"]
    )


def test_the_last_failed_cells_run_again(liar: Project) -> None:
    liar.run()
    result = liar.run("--lf")
    result.assert_outcomes(failed=1)
    assert liar.verdicts() == {"unit/greet::one[frozen-linux-x64]": "failed"}


def test_the_exit_code_of_a_red_run_is_one_and_of_a_green_one_zero(liar: Project) -> None:
    assert liar.run().ret == pytest.ExitCode.TESTS_FAILED
    assert liar.run("--artifact=native-linux-x64").ret == pytest.ExitCode.OK


def test_a_broken_file_is_reported_without_a_traceback_and_everything_else_runs(liar: Project) -> None:
    liar.scenario("unit/broken", BROKEN)
    for run in (liar.run, liar.run_parallel):
        result = run("--artifact=native-linux-x64")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(passed=2, errors=1, deselected=2 if run == liar.run else 0)
        result.stdout.fnmatch_lines(
            [
                'scenarios/unit/broken.toml:7:1  H* unknown key "exitcode"*',
                "*7 | exitcode = 0",
                '*^^^^^^^^  did you mean "exit"[?]',
                "scenarios/unit/broken.toml:8:*nowhere*",
                "not run  scenarios/unit/broken.toml: cannot be loaded: 7:1  H*",
            ]
        )
        assert "Traceback" not in result.stdout.str()
        assert "load_file" not in result.stdout.str()
        assert [row.what for row in liar.events().not_run] == ["frozen-linux-x64", "scenarios/unit/broken.toml"]


def test_a_fault_of_the_harness_is_an_error_and_not_a_failure(liar: Project) -> None:
    liar.scenario("unit/recorded", RECORDED)
    golden = liar.file("snapshots/unit/recorded/first.stdout", "")
    golden.write_bytes(b"\xff\xfe")
    result = liar.run("--artifact=native-linux-x64", "scenarios/unit/recorded.toml", "-rE")
    result.assert_outcomes(errors=1, deselected=1)
    result.stdout.fnmatch_lines(
        [
            "HARNESS ERROR  unit/recorded   on native-linux-x64",
            "      *first.stdout: is not UTF-8 text, so it is no golden*",
            "      this is no verdict about native-linux-x64",
            "native-linux-x64  1 harness error",
        ]
    )
    assert liar.verdicts() == {"unit/recorded::[native-linux-x64]": "harness-error"}


def test_what_an_artifact_cannot_do_is_unsupported_and_counted(liar: Project) -> None:
    liar.artifact("frozen-linux-x64", lacks=["posix-signals"])
    liar.scenario("unit/signals", 'needs = ["posix-signals"]\n' + RECORDED.replace("snapshot = true", 'ignore = "not of interest"'))
    result = liar.run("-rs")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["native-linux-x64  3 passed", "frozen-linux-x64  2 passed, 1 unsupported", "*5 passed, 1 unsupported*"])
    assert liar.verdicts()["unit/signals::[frozen-linux-x64]"] == "unsupported"
    alone = liar.run("scenarios/unit/signals.toml", "--artifact=frozen-linux-x64")
    assert alone.ret == pytest.ExitCode.TESTS_FAILED
    alone.stdout.fnmatch_lines(["no cell ran: every one of them is unsupported, which is no pass"])


def test_a_known_difference_is_expected_in_its_place_only(liar: Project) -> None:
    liar.file("scenarios/expectations.toml", LEDGER.format(stream="stderr"))
    result = liar.run()
    # One entry covers one step and pattern; every finding of the cell lies in that step and the stream shows the pattern.
    result.assert_outcomes(passed=3, xfailed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["frozen-linux-x64  1 passed, 1 expected to fail"])
    assert liar.run("--runxfail").ret == pytest.ExitCode.TESTS_FAILED
    liar.file("scenarios/expectations.toml", LEDGER.format(stream="stdout"))
    other = liar.run()
    other.assert_outcomes(passed=3, failed=1)
    other.stdout.fnmatch_lines(["      ledger   scenarios/expectations.toml:*"])


def test_a_known_difference_that_is_gone_is_red_and_an_unused_entry_is_named(liar: Project) -> None:
    liar.artifact("frozen-linux-x64")
    liar.file(
        "scenarios/expectations.toml", LEDGER.format(stream="stderr") + LEDGER.format(stream="stderr").replace("format = 1\n", "").replace("greet", "gone")
    )
    result = liar.run()
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["*it passes although scenarios/expectations.toml:* expects it to fail*", "ledger   no case matches *unit/gone; remove the entry"]
    )


def test_a_ledger_with_mistakes_stops_the_run(liar: Project) -> None:
    liar.file("scenarios/expectations.toml", LEDGER.format(stream="stderr").replace("owner", "ownre"))
    result = liar.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: the ledger of known differences cannot be used", "scenarios/expectations.toml:*ownre*"])


def test_junit_tells_failures_errors_and_skips_apart(liar: Project) -> None:
    liar.artifact("jit-linux-x64", lacks=["posix-signals"])
    liar.scenario("unit/signals", 'needs = ["posix-signals"]\n' + RECORDED.replace("snapshot = true", 'ignore = "not of interest"'))
    liar.scenario("unit/recorded", RECORDED)
    liar.file("snapshots/unit/recorded/first.stdout", "").write_bytes(b"\xff")
    liar.run("--junitxml=junit.xml")
    text = (liar.root / "junit.xml").read_text("utf-8")
    assert re.search(r'<testsuite [^>]*errors="3" failures="1" skipped="1" tests="12"', text)
    assert 'name="one[frozen-linux-x64]"' in text
    assert "replay   " in text


def test_a_run_that_stops_early_says_what_it_did_not_do(liar: Project) -> None:
    result = liar.run("-x", "--artifact=frozen-linux-x64")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert ("1 cells", "the run was stopped before them") in [(row.what, row.why.split(";")[0]) for row in liar.events().not_run]
