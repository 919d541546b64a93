"""One cell from beginning to end, against real programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from execute_cells import BECOME, Bench, open_bench

from harness.model.observation import FileDelta
from harness.model.verdict import CellResult, Verdict


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def brief(result: CellResult) -> list[tuple[str, str]]:
    return [(finding.step, finding.aspect) for finding in result.findings]


def test_a_cell_passes_when_everything_is_accounted_for(bench: Bench) -> None:
    result = bench.one('[[step]]\nrun = ["a b", ""]\nstdout.equals = "[a b] [] 2\\n"\n', bench.program('echo "[$1] [$2] $#"'))
    assert (result.verdict, result.findings, result.reason) == (Verdict.PASSED, (), "")
    assert (result.scenario, result.case, result.artifact) == ("unit/toy", "", "toy-any")
    assert result.observations[0].argv[1:] == ("a b", "")
    assert result.observations[0].limit == "10 s (default of the unit tier)"


def test_each_case_inserts_its_own_values(bench: Bench) -> None:
    text = r"""
        [[case]]
        id = "one"
        args = ["x", "y z"]
        said = "x/y z"
        [[case]]
        id = "two"
        args = ["q"]
        said = "q/"
        [[step]]
        run = ["${*case.args}"]
        stdout.equals = "${case.said}\n"
    """
    results = bench.run(text, bench.program('echo "$1/$2"'))
    assert [(result.case, result.verdict) for result in results] == [("one", Verdict.PASSED), ("two", Verdict.PASSED)]


def test_the_environment_is_the_sandbox_and_what_the_scenario_adds(bench: Bench) -> None:
    text = 'env = { A = "1", B = "${sandbox}/x" }\n[[step]]\nrun = []\nenv = { A = "2" }\nstdout.matches = "."\n'
    result = bench.one(text, bench.program("cat /proc/$$/environ | tr '\\0' '\\n' | sort"))
    lines = dict(line.split("=", 1) for line in result.observations[0].stdout.decode().splitlines())
    cell = lines["HOME"].removesuffix("/home")
    assert lines == {
        "A": "2",
        "B": f"{cell}/work/x",
        "COLUMNS": "80",
        "HOME": f"{cell}/home",
        "LANG": "C.UTF-8",
        "TMPDIR": f"{cell}/tmp",
        "TZ": "UTC",
        "XDG_CACHE_HOME": f"{cell}/home/.cache",
        "XDG_CONFIG_HOME": f"{cell}/home/.config",
        "XDG_DATA_HOME": f"{cell}/home/.local/share",
        "XDG_STATE_HOME": f"{cell}/home/.local/state",
    }


def test_files_input_and_directory_reach_the_program(bench: Bench) -> None:
    (bench.path / "unit").mkdir()
    (bench.path / "unit/beside.txt").write_text("copied\n")
    text = r"""
        cwd = "sub/dir"
        [files]
        "a.txt" = "at ${sandbox}\n"
        "b.txt" = { from = "beside.txt" }
        [[step]]
        run = []
        stdin = "in\n"
        stdout.equals = "at <sandbox>\ncopied\nin\n<sandbox>/sub/dir\n"
    """
    result = bench.one(text, bench.program("cat ../../a.txt ../../b.txt - && pwd"))
    assert result.verdict is Verdict.PASSED, result


def test_paths_of_sandbox_and_program_read_the_same_everywhere(bench: Bench) -> None:
    text = '[[step]]\nrun = []\nstdout.equals = "<program> in ${sandbox}, <home>/x, <tmp>.\\n"\n'
    result = bench.one(text, bench.program('echo "$0 in $(pwd), $HOME/x, $TMPDIR."'))
    assert result.verdict is Verdict.PASSED, result


def test_the_version_is_replaced_only_where_it_was_asked_for(bench: Bench) -> None:
    text = '[[step]]\nrun = ["--version"]\nstdout.equals = "toy <version>\\n"\n[[step]]\nrun = ["list"]\nstdout.equals = "toy 1.2.3\\n"\n'
    assert bench.one(text, bench.program("echo toy 1.2.3")).verdict is Verdict.PASSED


def test_a_deviation_stops_the_steps_but_not_the_final_ones(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "first"
        run = ["1"]
        [[step]]
        id = "second"
        run = ["0"]
        [[finally]]
        id = "clean"
        run = ["2"]
        [[finally]]
        id = "more"
        run = ["0"]
    """
    result = bench.one(text, bench.program("exit $1"))
    assert result.verdict is Verdict.FAILED
    assert brief(result) == [("first", "exit"), ("clean", "exit")]
    assert [observation.step for observation in result.observations] == ["first", "clean", "more"]


def test_deviations_from_goldens_do_not_stop_the_steps(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        run = ["1"]
        stdout.snapshot = true
        [[step]]
        id = "b"
        run = ["2"]
        stdout.snapshot = true
        [[step]]
        id = "c"
        run = ["3"]
        stdout.snapshot = true
    """
    goldens = {"unit/toy/b.stdout": "said 2\n", "unit/toy/c.stdout": "said 4\n"}
    result = bench.one(text, bench.program("echo said $1"), goldens=goldens)
    assert brief(result) == [("a", "stdout"), ("c", "stdout")]
    assert [(use.key, use.actual, use.matched, use.missing) for use in result.goldens] == [
        ("unit/toy/a.stdout", "said 1\n", False, True),
        ("unit/toy/b.stdout", "said 2\n", True, False),
        ("unit/toy/c.stdout", "said 3\n", False, False),
    ]


def test_goldens_of_final_steps_are_recorded(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nrun = ["x"]\nstdout.equals = "x\\n"\n[[finally]]\nid = "z"\nrun = ["y"]\nstdout.snapshot = true\n'
    assert [use.key for use in bench.one(text, bench.program("echo $1")).goldens] == ["unit/toy/z.stdout"]


def test_a_captured_value_serves_later_steps(bench: Bench) -> None:
    text = r"""
        [[step]]
        run = ["41"]
        stdout.ignore = "captured"
        capture.id = { matches = "id=(\\d+)" }
        [[step]]
        run = ["${id}"]
        stdout.equals = "id=${id}\n"
    """
    assert bench.one(text, bench.program("echo id=$1")).verdict is Verdict.PASSED


def test_a_final_step_without_its_value_is_left_out_and_named(bench: Bench) -> None:
    text = '[[step]]\nid = "get"\nrun = ["5"]\nstdout.ignore = "captured"\ncapture.id = { stream = "stdout" }\n[[finally]]\nid = "drop"\nrun = ["${id}"]\n'
    result = bench.one(text, bench.program("exit $1"))
    assert brief(result) == [("get", "exit")]
    assert result.details["skipped"] == ("drop: ${id} has no value: the step that captures it was not reached or did not yield it",)


def test_until_polls_and_only_the_last_attempt_counts(bench: Bench) -> None:
    script = 'echo x >> n; if [ "$(wc -l < n)" -ge 4 ]; then echo up; else echo "down $(date +%N)"; fi'
    text = '[[step]]\nrun = []\nuntil = { every = "1ms", within = "60s" }\nstdout.equals = "up\\n"\n'
    result = bench.one(text, bench.program(script))
    assert (result.verdict, result.observations[0].attempts) == (Verdict.PASSED, 4)


def test_until_ends_with_what_the_last_attempt_found(bench: Bench) -> None:
    # As many attempts as the machine makes of it: the program counts them, too.
    text = '[[step]]\nrun = []\nuntil = { every = "5ms", within = "100ms" }\nstdout.snapshot = true\n'
    result = bench.one(text, bench.program("echo x >> n; echo down $(wc -l < n)"), goldens={"unit/toy/run-1.stdout": "up\n"})
    assert brief(result) == [("run-1", "stdout")]
    assert [use.actual for use in result.goldens] == [f"down {result.observations[0].attempts}\n"]


def test_numbers_of_placeholders_are_not_used_up_by_discarded_attempts(bench: Bench) -> None:
    script = 'echo x >> n; n=$(wc -l < n); echo "{\\"at\\": \\"2025-01-01T00:00:0${n}Z\\", \\"ok\\": $([ $n -ge 3 ] && echo true || echo false)}"'
    text = r"""
        [[step]]
        run = []
        until = { every = "1ms", within = "60s" }
        stdout.json.equals = { at = "<time:1>", ok = true }
        stdout.json.placeholders = { "$.at" = "time" }
    """
    result = bench.one(text, bench.program(script))
    assert (result.verdict, result.observations[0].attempts) == (Verdict.PASSED, 3), result


def test_numbers_of_placeholders_go_on_after_a_polled_step(bench: Bench) -> None:
    text = r"""
        [[step]]
        run = ["1"]
        until = { every = "1ms", within = "60s" }
        stdout.json.equals = { at = "<time:1>" }
        stdout.json.placeholders = { "$.at" = "time" }
        [[step]]
        run = ["2"]
        stdout.json.equals = { at = "<time:2>" }
        stdout.json.placeholders = { "$.at" = "time" }
    """
    result = bench.one(text, bench.program('echo "{\\"at\\": \\"2025-01-01T00:00:0$1Z\\"}"'))
    assert result.verdict is Verdict.PASSED, result


def test_repeat_holds_every_run_against_the_first(bench: Bench) -> None:
    text = '[[step]]\nrun = []\nrepeat = { times = 5 }\nstdout.matches = "^at"\n'
    good = bench.one(text, bench.program("echo at $(pwd)"))
    assert (good.verdict, good.observations[0].attempts) == (Verdict.PASSED, 5)
    bad = bench.one(text, bench.program('echo x >> n; echo at $([ $(wc -l < n) -eq 3 ] && echo "3 ")'))
    assert (brief(bad), bad.observations[0].attempts) == ([("run-1", "stdout")], 3)
    assert bad.findings[0].message == "run 3 differs from run 1: stdout"
    assert any(line.startswith("- at") for line in bad.findings[0].diff)
    code = bench.one(text, bench.program("echo at; echo x >> n; [ $(wc -l < n) -lt 4 ]"))
    assert code.findings[0].message == "run 4 differs from run 1: exit 1 instead of exit 0"


def test_a_step_over_its_time_limit_says_who_set_it(bench: Bench) -> None:
    text = 'timeout = "300ms"\n[[step]]\nid = "slow"\nrun = ["100"]\n[[step]]\nrun = ["0"]\n'
    result = bench.one(text, bench.program("exec sleep $1"))
    assert brief(result) == [("slow", "timeout")]
    assert "0.3 s (scenario)" in result.findings[0].message


def test_a_process_left_behind_is_a_finding(bench: Bench) -> None:
    result = bench.one("[[step]]\nrun = []\n", bench.program(f"touch f; tail -f $PWD/f >/dev/null 2>&1 & {BECOME.format('tail')}"))
    assert brief(result) == [("run-1", "leak")]
    assert result.findings[0].message.endswith(": tail -f <sandbox>/f")


def test_a_temporary_file_left_behind_is_a_finding(bench: Bench) -> None:
    result = bench.one("[[step]]\nrun = []\n[[finally]]\nrun = []\n", bench.program("touch $TMPDIR/_MEI1"))
    assert brief(result) == [("run-1", "leak")]
    assert result.findings[0].message == "a temporary file was left behind: <tmp>/_MEI1"


@pytest.mark.parametrize(("left", "allowed", "told"), [(2, 2, 0), (2, 3, 0), (2, 1, 2), (1, 0, 1), (0, 0, 0)])
def test_as_many_temporary_files_as_the_step_allows_are_no_finding(bench: Bench, left: int, allowed: int, told: int) -> None:
    text = f'[[step]]\nrun = ["{left}"]\nbudget.leaks.temp-files = {allowed}\n[[step]]\nrun = ["0"]\n'
    result = bench.one(text, bench.program('i=0; while [ $i -lt "$1" ]; do touch $TMPDIR/f$i; i=$((i+1)); done'))
    assert brief(result) == [("run-1", "leak")] * told


def test_what_lies_in_the_home_is_no_temporary_file(bench: Bench) -> None:
    result = bench.one("[[step]]\nrun = []\nbudget.leaks.temp-files = 5\n", bench.program("touch $HOME/f $TMPDIR/g"))
    assert [finding.message for finding in result.findings] == ["a file was left in the home directory: <home>/f"]


@pytest.mark.parametrize(("allowed", "told"), [(0, 1), (1, 0)])
def test_as_many_processes_as_the_step_allows_are_ended_without_a_finding(bench: Bench, allowed: int, told: int) -> None:
    script = f"touch f; tail -f $PWD/f >/dev/null 2>&1 & {BECOME.format('tail')}"
    result = bench.one(f"[[step]]\nrun = []\nbudget.leaks.processes = {allowed}\n", bench.program(script))
    assert brief(result) == [("run-1", "leak")] * told
    assert len(result.observations[0].orphans) == 1


def test_a_limit_of_time_says_nothing_while_scenarios_run(bench: Bench) -> None:
    """A step that is marked for timing is an ordinary step of the functional run, however long it takes."""
    text = '[[step]]\nrun = []\nbudget.wall.max = { native = "1ms" }\nbudget.rss.max = { native = "1KiB" }\nreport = "Slow"\n'
    result = bench.one(text, bench.program("sleep 0.05"))
    assert brief(result) == []
    assert result.findings == ()


def test_changed_files_are_looked_at_when_the_step_speaks_of_them(bench: Bench) -> None:
    text = '[files]\nold = "x"\n[[step]]\nrun = []\nfiles.created = ["new"]\nfiles.modified = []\n[[step]]\nrun = []\n'
    result = bench.one(text, bench.program("touch new; echo more >> old"))
    assert [finding.check for finding in result.findings] == ["files.modified"]
    assert result.observations[0].files == FileDelta(created=("new",), modified=("old",))


def test_what_an_artifact_lacks_makes_a_scenario_unsupported(bench: Bench) -> None:
    result = bench.one('needs = ["posix-signals"]\n[[step]]\nrun = []\n', bench.program("exit 1", lacks=("posix-signals",)))
    assert (result.verdict, result.observations) == (Verdict.UNSUPPORTED, ())
    assert result.reason == "needs posix-signals, which toy-any declares to lack"
    assert bench.one('needs = ["posix-signals"]\n[[step]]\nrun = []\n', bench.program("exit 0")).verdict is Verdict.PASSED


def test_an_artifact_that_cannot_be_started_is_no_failure(bench: Bench) -> None:
    artifact = bench.program("exit 0")
    artifact.path.write_bytes(b"\x7fELF")
    result = bench.one("[[step]]\nrun = []\n[[finally]]\nrun = []\n", artifact)
    assert (result.verdict, result.findings) == (Verdict.HARNESS_ERROR, ())
    assert "Exec format error" in result.reason


def test_an_artifact_for_another_platform_is_no_failure(bench: Bench) -> None:
    result = bench.one("[[step]]\nrun = []\n", bench.program("exit 0", target="win-arm64"))
    assert result.verdict is Verdict.HARNESS_ERROR
    assert "win-arm64 cannot run on this host" in result.reason


def test_a_kept_sandbox_is_named(tmp_path: Path) -> None:
    with open_bench(tmp_path, keep=True) as bench:
        result = bench.one("[[step]]\nrun = []\n", bench.program("echo kept > file"))
    assert (Path(str(result.details["sandbox"])) / "work/file").read_text() == "kept\n"


def test_two_runs_of_a_cell_give_equal_results(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nrun = []\nstdout.snapshot = true\nstderr.contains = ["never"]\n'
    program = bench.program("echo $HOME $0; echo $TMPDIR >&2; touch work; exit 3")
    first, second = (bench.one(text, program) for _ in range(2))
    assert first.findings and (first.findings, first.goldens) == (second.findings, second.goldens)
