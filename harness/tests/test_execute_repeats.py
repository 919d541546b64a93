"""``repeat`` against real programs: runs that must be the same, several at a time, after a warm-up; and rounds that follow a value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from execute_cells import BECOME, Bench, open_bench

from harness.model.verdict import CellResult, Verdict

COUNT = "n=$(cat n 2>/dev/null || echo 0); n=$((n+1)); echo $n > n;"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def brief(result: CellResult) -> list[tuple[str, str]]:
    return [(finding.step, finding.check) for finding in result.findings]


def test_warm_up_runs_are_not_compared(bench: Bench) -> None:
    text = '[[step]]\nrun = []\nrepeat = { times = 3, warmup = 2 }\nstdout.equals = "warm\\n"\n'
    result = bench.one(text, bench.program(f"{COUNT} [ $n -le 2 ] && echo cold || echo warm"))
    assert (result.verdict, result.observations[0].attempts) == (Verdict.PASSED, 3), result.findings
    late = bench.one(text, bench.program(f"{COUNT} [ $n -le 3 ] && echo cold || echo warm"))
    assert brief(late) == [("run-1", "equals")]


def test_a_warm_up_run_must_end_and_leave_nothing_behind(bench: Bench) -> None:
    text = "[[step]]\nrun = []\nrepeat = { times = 3, warmup = 2 }\n"
    result = bench.one(text, bench.program(f"{COUNT} [ $n -ne 2 ] || touch $TMPDIR/x"))
    assert [finding.message for finding in result.findings] == ["a temporary file was left behind: <tmp>/x"]
    result = bench.one('timeout = "300ms"\n' + text, bench.program("exec sleep 1000"))
    assert [finding.message for finding in result.findings] == ["warm-up run 1: no end within 0.3 s (scenario)"]


def test_several_runs_at_a_time_are_really_at_the_same_time(bench: Bench) -> None:
    """Each run but the first waits for all others: four workers, five runs."""
    script = "mkdir -p in; [ -e in/first ] || { : > in/first; exit; }; : > in/$$; until [ $(ls in | wc -l) -ge 5 ]; do :; done"
    text = '[[step]]\nrun = []\nrepeat = { times = 5, workers = 4 }\nfiles.created = ["in/first"]\n'
    result = bench.one(text, bench.program(script))
    assert result.verdict is Verdict.PASSED, result.findings


def test_the_first_run_in_order_that_deviates_is_reported(bench: Bench) -> None:
    script = 'echo "$(ls | wc -l)" > /dev/null; if mkdir lock 2> /dev/null; then echo one; else echo other >&2; exit 3; fi'
    text = '[[step]]\nrun = []\nrepeat = { times = 40, workers = 4 }\nstdout.equals = "one\\n"\n'
    for _ in range(3):
        result = bench.one(text, bench.program(script))
        assert [finding.message for finding in result.findings] == ["run 2 differs from run 1: exit 3 instead of exit 0"]


def test_processes_left_behind_are_told_apart_among_concurrent_runs(bench: Bench) -> None:
    leaves = f"(exec sleep 1000) > /dev/null 2>&1 & {BECOME.format('sleep')}"
    script = f"if mkdir lock 2>/dev/null; then exit; fi; if mkdir second 2>/dev/null; then {leaves}; fi; exit 0"
    text = "[[step]]\nrun = []\nrepeat = { times = 9, workers = 4 }\n"
    result = bench.one(text, bench.program(script))
    assert [finding.check for finding in result.findings] == ["orphan"]
    assert result.findings[0].message.endswith(": a process outlived the step and was killed: sleep 1000")


def test_a_daemon_of_a_concurrent_run_is_found_by_the_end(bench: Bench) -> None:
    script = "if mkdir lock 2>/dev/null; then exit; fi; if mkdir second 2>/dev/null; then setsid sleep 1000 > /dev/null 2>&1 & fi; exit 0"
    result = bench.one("[[step]]\nrun = []\nrepeat = { times = 9, workers = 4 }\n", bench.program(script))
    assert [finding.check for finding in result.findings] == ["orphan"]


def test_temporary_files_of_concurrent_runs_are_found(bench: Bench) -> None:
    result = bench.one("[[step]]\nrun = []\nrepeat = { times = 5, workers = 2 }\n", bench.program("mkdir lock 2>/dev/null || touch $TMPDIR/x"))
    assert [finding.message for finding in result.findings] == ["a temporary file was left behind: <tmp>/x"]


PAGES = r"""
    [[step]]
    id = "walk"
    run = ["list", "--size", "2"]
    repeat = { follow = "next", add = ["--from", "${next}"], max = 5 }
    capture.next = { json = "$.next", optional = true }
    stdout.json.check = [{ path = "$.items", length = 2 }]
    [[step]]
    run = ["end=${next}"]
    stdout.equals = "end=null\n"
"""
PAGER = """
case "$1$5" in
  list) echo '{"items": [1, 2], "next": "b"}' ;;
  listb) echo '{"items": [3, 4], "next": "c"}' ;;
  listc) echo '{"items": [5, 6], "next": null}' ;;
  *) echo "$1" ;;
esac
"""


def test_a_capture_is_followed_until_it_is_empty(bench: Bench) -> None:
    result = bench.one(PAGES, bench.program(PAGER))
    assert result.verdict is Verdict.PASSED, result.findings
    assert result.observations[0].attempts == 3
    assert result.observations[0].argv[1:] == ("list", "--size", "2", "--from", "c")


def test_a_value_that_is_missing_altogether_ends_the_rounds(bench: Bench) -> None:
    result = bench.one(PAGES.replace("end=null", "end="), bench.program(PAGER.replace(', "next": null', "")))
    assert (result.verdict, result.observations[0].attempts) == (Verdict.PASSED, 3)


def test_a_round_that_deviates_is_named(bench: Bench) -> None:
    result = bench.one(PAGES, bench.program(PAGER.replace("[3, 4]", "[3]")))
    assert [finding.message.split(":")[0] for finding in result.findings] == ["round 2"]


def test_rounds_that_do_not_end_are_found(bench: Bench) -> None:
    again = bench.one(PAGES, bench.program(PAGER.replace('"next": null', '"next": "b"')))
    assert [finding.message for finding in again.findings] == [
        'following "next" does not come to an end: round 3 brought a value again that an earlier one had brought'
    ]
    many = bench.one(PAGES.replace("max = 5", "max = 2"), bench.program(PAGER))
    assert [finding.message for finding in many.findings] == ['following "next" does not come to an end: it still has a value after 2 rounds']
