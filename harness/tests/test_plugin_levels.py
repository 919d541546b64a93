"""How binding a scenario is decides what its failure does to a run; and failures say who agrees, what was there before normalising, and what they share."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_project import ECHO, GREET, RECORDED, Project, project

pytest_plugins = ["pytester"]
__all__ = ["project"]

LIAR = ECHO.replace("*)", 'hello) echo "hallo" ;;\n  *)')
LEDGER = """\
format = 1

[[entry]]
scenario = "unit/greet"
case = "one"
artifact = "jit-*"
outcome = "{outcome}"
where = {{ step = "greet", stream = "stdout", matches = "hallo" }}
reason = "it has a cold"
issue = "https://example.invalid/issues/1"
owner = "@release"
expires = {expires}
"""


@pytest.fixture
def pair(project: Project) -> Project:
    """A reference that is right, and a candidate that is wrong in one of two cases."""
    project.artifact("native-linux-x64")
    project.artifact("jit-linux-x64", LIAR)
    project.scenario("unit/greet", GREET)
    return project


def level(project: Project, word: str) -> None:
    project.scenario("unit/greet", GREET.replace("\n[[case]]", f'level = "{word}"\n\n[[case]]', 1))


@pytest.mark.parametrize("word", ["must", "should"])
def test_must_and_should_turn_a_run_red(pair: Project, word: str) -> None:
    level(pair, word)
    assert pair.run().ret == pytest.ExitCode.TESTS_FAILED


def test_may_is_counted_and_not_red(pair: Project) -> None:
    level(pair, "may")
    for run in (pair.run, pair.run_parallel):
        result = run()
        assert result.ret == pytest.ExitCode.OK
        result.stdout.fnmatch_lines(["jit-linux-x64     1 passed, 1 tolerated", "*3 passed, 1 tolerated*"])
        (cell,) = [cell for cell in pair.events().cells if cell.findings]
        assert (cell.verdict.value, cell.tolerated, cell.level) == ("failed", True, "may")
    assert pair.run("--runxfail").ret == pytest.ExitCode.TESTS_FAILED


def released(project: Project, version: str) -> Path:
    folder = project.root / "reports" / version
    folder.mkdir(parents=True)
    (project.root / ".harness/last/events.jsonl").rename(folder / "results.jsonl")
    return folder / "results.jsonl"


def test_what_passed_in_the_newest_release_may_not_get_worse(pair: Project) -> None:
    level(pair, "may")
    pair.run()
    released(pair, "0.9.0")
    pair.artifact("jit-linux-x64")
    pair.run()
    released(pair, "0.10.0")
    pair.artifact("jit-linux-x64", LIAR)
    result = pair.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*level may, but it passed in release 0.10.0: what has worked once may not stop working"])


def test_what_failed_in_the_newest_release_may_go_on_failing(pair: Project) -> None:
    level(pair, "may")
    pair.run()
    released(pair, "0.9.0")
    assert pair.run().ret == pytest.ExitCode.OK


def test_a_release_that_cannot_be_read_is_a_fault_of_the_harness(pair: Project) -> None:
    level(pair, "may")
    pair.run()
    released(pair, "0.9.0").write_text("{}\n", "utf-8")
    result = pair.run()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*the results of the last release cannot be read: *"])


def test_a_known_difference_that_comes_and_goes_may_pass_too(pair: Project) -> None:
    pair.file("scenarios/expectations.toml", LEDGER.format(outcome="flaky", expires="2999-01-01"))
    pair.run().assert_outcomes(passed=3, xfailed=1)
    pair.artifact("jit-linux-x64")
    assert pair.run().ret == pytest.ExitCode.OK
    pair.file("scenarios/expectations.toml", LEDGER.format(outcome="fail", expires="2999-01-01"))
    assert pair.run().ret == pytest.ExitCode.TESTS_FAILED


def test_an_entry_that_has_expired_turns_the_run_red_even_where_nothing_runs(pair: Project) -> None:
    pair.file("scenarios/expectations.toml", LEDGER.format(outcome="flaky", expires="2001-01-01"))
    pair.artifact("jit-linux-x64", lacks=["posix-signals"])
    pair.scenario("unit/greet", 'needs = ["posix-signals"]\n' + GREET)
    result = pair.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["native-linux-x64  2 passed", "ledger   has expired: scenarios/expectations.toml:3:1: unit/greet (@release)*"])


def test_a_failure_says_which_of_the_three_agree(pair: Project) -> None:
    for run in (pair.run, pair.run_parallel):
        run().stdout.fnmatch_lines(["      reference native-linux-x64 agrees with the scenario; only jit-linux-x64 differs", "      replay   *"])
    pair.run("--artifact=jit-linux-x64").stdout.fnmatch_lines(["      only jit-linux-x64 ran this case: run it on native-linux-x64, the reference*"])
    pair.scenario("unit/recorded", RECORDED)
    pair.run("-k", "recorded").stdout.fnmatch_lines(["      no golden yet; all 2 artifacts agree: review it"])
    pair.run("-k", "recorded", "--snapshot-update")
    for artifact in ("native-linux-x64", "jit-linux-x64"):
        pair.artifact(artifact, ECHO.replace('echo "$@"', 'echo "$@" again'))
    result = pair.run("-k", "recorded")
    result.stdout.fnmatch_lines(["      all 2 artifacts agree and the golden differs: behaviour changed, review it"])


def test_equal_failures_are_told_once_unless_all_are_wanted(pair: Project) -> None:
    pair.artifact("frozen-linux-x64", LIAR)
    for run in (pair.run, pair.run_parallel):
        text = run().stdout.str()
        assert text.count("+ hallo") == 1
        assert text.count("same hunk in 2 artifacts and 1 case") == 2  # in the failure, and in the summary
        assert "      the same as unit/greet :: one on " in text
        assert text.count("      replay   ") == 2
    assert "the same as" not in pair.run("-vv").stdout.str()
    pair.file("scenarios/expectations.toml", LEDGER.format(outcome="fail", expires="2001-01-01").replace("jit-*", "*-linux-x64").replace("one", "*"))
    expired = pair.run("-k", "one", "--artifact=jit-linux-x64", "--artifact=frozen-linux-x64").stdout.str()
    assert "scenarios/expectations.toml:3 expired on 2001-01-01" in expired
    assert expired.count(": one finding") == 1, "two findings of the same cells reach just as far"


def test_raw_shows_what_was_there_before_normalising_and_keeps_it_of_every_cell(pair: Project) -> None:
    pair.artifact("jit-linux-x64", LIAR.replace('echo "hallo"', 'printf "%s\\t\\n" "$PWD"'))
    plain = pair.run()
    plain.stdout.fnmatch_lines(["        + <sandbox>→"])
    assert "| /" not in plain.stdout.str()
    assert not (pair.root / ".harness/last/unit/greet/two").exists()
    raw = pair.run("--raw")
    raw.stdout.fnmatch_lines(["      raw      .harness/last/unit/greet/one/jit-linux-x64/greet.stdout", "        | /*/work→"])
    assert (pair.root / ".harness/last/unit/greet/one/jit-linux-x64/greet.stdout").read_bytes().endswith(b"/work\t\n")
    assert (pair.root / ".harness/last/unit/greet/two/native-linux-x64/greet.stdout").read_bytes() == b"good day\n"
    assert "--raw" not in raw.stdout.str()
