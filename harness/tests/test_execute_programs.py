"""Programs in the background: started, waited for, signalled, and never left behind. Real programs, no sleeps as synchronisation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Never

import pytest
from execute_cells import BECOME, Bench, open_bench

from harness.execute import background
from harness.execute.process import LocalSpawner
from harness.execute.programs import CellPrograms, StartedProgram
from harness.execute.spawner import ProcessSpec
from harness.model.observation import Exit, FileDelta
from harness.model.position import Position
from harness.model.step import Step
from harness.model.verdict import CellResult, Verdict
from harness.verbs.run import RunSpec

FOREVER = "exec sleep 1000"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def brief(result: CellResult) -> list[tuple[str, str]]:
    return [(finding.step, finding.check) for finding in result.findings]


def test_a_started_program_is_waited_for_and_judged_like_run(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "work"
        start = ["a b"]
        stdin = "in\n"
        env = { X = "1" }
        [[step]]
        id = "other"
        run = ["go"]
        [[step]]
        id = "end"
        wait = "end"
        in = "work"
        exit = 3
        stdout.equals = "a b in 1\n"
        stderr.contains = ["done"]
        capture.code = { exit = true }
    """
    script = 'if [ "$1" = go ]; then echo go > gate; exit; fi; read line; until [ -e gate ]; do :; done; echo "$1 $line $X"; echo done >&2; exit 3'
    result = bench.one(text, bench.program(script))
    assert result.verdict is Verdict.PASSED, result
    assert [observation.step for observation in result.observations] == ["work", "other", "end"]
    end = result.observations[2]
    assert (end.exit, end.argv[1:], end.stdout) == (Exit(code=3), ("a b",), b"a b in 1\n")


def test_a_deviation_of_a_waited_program_is_found_at_the_wait(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\n[[step]]\nid = "b"\nwait = "end"\nin = "a"\n'
    assert brief(bench.one(text, bench.program("echo x; echo y >&2; exit 4"))) == [("b", "exit"), ("b", "empty"), ("b", "empty")]


def test_the_next_step_begins_when_the_line_is_there(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "serve"
        start = ["serve"]
        stdout.matches = '^ready (\d+)$'
        stderr.contains = ["log"]
        [[step]]
        run = ["ask"]
        [[step]]
        wait = "output"
        in = "serve"
        stdout.contains = ["asked"]
        [[step]]
        signal = "TERM"
        in = "serve"
        [[step]]
        wait = "end"
        in = "serve"
        exit = "signal:TERM"
        stdout.equals = "ready 1\nasked\n"
        stderr.equals = "log\n"
    """
    asks = "if [ $1 = ask ]; then [ -e up ] && echo > asked; exit; fi"
    script = f"{asks}; echo > up; echo log >&2; echo ready 1; until [ -e asked ]; do :; done; echo asked; {FOREVER}"
    result = bench.one(text, bench.program(script))
    assert result.verdict is Verdict.PASSED, result
    assert result.observations[0].stdout.startswith(b"ready 1\n")


def test_output_that_does_not_come_says_which_limit_struck(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\ntimeout = "200ms"\nstdout.contains = ["up"]\n[[step]]\nwait = "end"\nin = "a"\n'
    result = bench.one(text, bench.program(f"echo down; {FOREVER}"))
    assert brief(result) == [("a", "contains")]
    assert result.findings[0].message == "stdout does not contain the expected text: not within 0.2 s (step)"


def test_what_came_instead_is_kept(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = []
        stdout.contains = ["down"]
        [[step]]
        id = "w"
        wait = "output"
        in = "a"
        timeout = "200ms"
        stdout.contains = ["up"]
    """
    result = bench.one(text, bench.program(f"echo down; {FOREVER}"))
    assert brief(result) == [("w", "contains")]
    assert result.observations[-1].stdout == b"down\n"


def test_output_that_can_no_longer_come_is_not_waited_for(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nstdout.contains = ["up"]\n'
    result = bench.one(text, bench.program("echo down; exit 7"))
    assert result.findings[0].message.endswith(": the program has ended (exit 7)")


def test_a_program_that_is_not_waited_for_is_ended_and_found(bench: Bench) -> None:
    result = bench.one('[[step]]\nid = "a"\nstart = []\nstdout.contains = ["up"]\n', bench.program(f"echo up; {FOREVER}"))
    assert brief(result) == [("a", "running")]
    assert result.observations[0].exit == Exit(signal="INT")


def test_a_program_that_ignores_the_interrupt_is_killed_with_its_children(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nstdout.contains = ["up"]\n'
    result = bench.one(text, bench.program("trap '' INT TERM; sleep 1000 & echo $! $$; echo up; sleep 1001"))
    assert brief(result)[0] == ("a", "running")
    assert result.observations[0].exit == Exit(signal="KILL")
    numbers = result.observations[0].stdout.split(b"\n")[0].split()
    assert len(numbers) == 2 and not any(Path(f"/proc/{int(number)}").exists() for number in numbers)


def test_a_signalled_program_may_still_run_at_the_end(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nstdout.contains = ["up"]\n[[step]]\nsignal = "USR1"\nin = "a"\n'
    assert bench.one(text, bench.program("trap : USR1; echo up; while :; do sleep 1000 & wait; done")).verdict is Verdict.PASSED


def test_output_that_nobody_mentions_is_found_at_the_end(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nstdout.contains = ["up"]\n[[step]]\nsignal = "TERM"\nin = "a"\n'
    assert brief(bench.one(text, bench.program(f"echo no >&2; echo up; {FOREVER}"))) == [("a", "empty")]
    ignoring = text.replace('["up"]\n', '["up"]\nstderr.ignore = "a log"\n')
    assert bench.one(ignoring, bench.program(f"echo no >&2; echo up; {FOREVER}")).verdict is Verdict.PASSED


def test_a_program_that_ended_by_itself_must_have_ended_rightly(bench: Bench) -> None:
    text = (
        '[[step]]\nid = "a"\nstart = ["a"]\n[[step]]\nrun = ["b"]\nuntil = { every = "1ms", within = "60s" }\nfiles.modified = []\nstdout.equals = "gone\\n"\n'
    )
    gone = "grep -qs '^State:.Z' /proc/$(cat pid)/status && echo gone"
    script = f"if [ $1 = b ]; then [ -s pid ] && {gone}; exit; fi; echo $$ > pid; exit 9"
    result = bench.one(text, bench.program(script))
    assert brief(result) == [("a", "exit")] and result.observations[0].exit == Exit(code=9)


def test_signalling_a_program_that_has_ended_is_a_finding(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\n[[step]]\nid = "s"\nsignal = "HUP"\nin = "a"\n'
    result = bench.one(text, bench.program("exit 0"))
    assert [(finding.step, finding.message) for finding in result.findings] == [("s", '"a" had ended before signal HUP was sent')]


def test_a_wait_over_its_time_limit_says_who_set_it(bench: Bench) -> None:
    text = 'timeout = "300ms"\n[[step]]\nid = "a"\nstart = []\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\n'
    result = bench.one(text, bench.program(FOREVER))
    assert [(finding.step, finding.message) for finding in result.findings] == [("w", "no end within 0.3 s (scenario)")]
    assert result.observations[1].timed_out


def test_finally_steps_may_end_what_the_steps_have_started(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = ["x"]
        stdout.contains = ["up"]
        [[step]]
        id = "bad"
        run = ["3"]
        [[finally]]
        signal = "TERM"
        in = "a"
        [[finally]]
        wait = "end"
        in = "a"
        exit = "signal:TERM"
        stdout.equals = "up\n"
    """
    result = bench.one(text, bench.program(f"[ $1 = 3 ] && exit 3; echo up; {FOREVER}"))
    assert brief(result) == [("bad", "exit")]


def test_a_final_step_about_a_program_that_was_never_started_is_left_out(bench: Bench) -> None:
    text = '[[step]]\nid = "bad"\nrun = []\n[[step]]\nid = "a"\nstart = []\n[[finally]]\nid = "stop"\nsignal = "TERM"\nin = "a"\n'
    result = bench.one(text, bench.program("exit 3"))
    assert brief(result) == [("bad", "exit")]
    assert result.details["skipped"] == ('stop: the program "a" was not started: the step that does so was not reached',)


def test_a_failed_step_does_not_blame_the_programs_it_left_behind(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = ["0"]\nstdout.contains = ["up"]\n[[step]]\nid = "bad"\nrun = ["1"]\n[[step]]\nwait = "end"\nin = "a"\n'
    result = bench.one(text, bench.program(f"[ $1 = 1 ] && exit 1; echo up; {FOREVER}"))
    assert brief(result) == [("bad", "exit")]
    assert result.observations[0].exit == Exit(signal="INT")


def test_what_a_background_program_leaves_behind_is_found_and_not_blamed_on_others(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = ["daemon"]
        stdout.contains = ["up"]
        [[step]]
        id = "other"
        run = ["x"]
        [[step]]
        id = "stop"
        signal = "TERM"
        in = "a"
        [[step]]
        id = "end"
        wait = "end"
        in = "a"
        exit = "signal:TERM"
        stdout.equals = "up\n"
    """
    became = BECOME.format("tail")
    leaves = f"(tail -f $PWD/f & {became}; setsid tail -f -s 7 $PWD/f & {became}) > /dev/null 2>&1"
    script = f"[ $1 = x ] && exit 0; touch f $TMPDIR/left; {leaves}; echo up; exec sleep 1000"
    result = bench.one(text, bench.program(script))
    assert [(finding.step, finding.message) for finding in result.findings] == [
        ("end", "a process outlived the step and was killed: tail -f -s 7 <sandbox>/f"),
        ("end", "a process outlived the step and was killed: tail -f <sandbox>/f"),
        ("end", "a temporary file was left behind: <tmp>/left"),
    ]


def test_two_programs_at_a_time_keep_what_is_theirs(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = ["a"]
        stdout.contains = ["up a"]
        [[step]]
        id = "b"
        start = ["b"]
        stdout.contains = ["up b"]
        [[step]]
        signal = "TERM"
        in = "a"
        [[step]]
        id = "a-ends"
        wait = "end"
        in = "a"
        exit = "signal:TERM"
        stdout.equals = "up a\n"
        [[step]]
        signal = "TERM"
        in = "b"
        [[step]]
        id = "b-ends"
        wait = "end"
        in = "b"
        exit = "signal:TERM"
        stdout.equals = "up b\n"
    """
    result = bench.one(text, bench.program(f"[ $1 = b ] && {{ sleep 1000 & {BECOME.format('sleep')}; }}; echo up $1; exec sleep 2000"))
    assert [(finding.step, finding.message) for finding in result.findings] == [("b-ends", "a process outlived the step and was killed: sleep 1000")]


def test_a_run_is_not_blamed_for_what_a_background_program_begins_meanwhile(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = ["a"]
        stdout.contains = ["up"]
        [[step]]
        id = "run"
        run = ["b"]
        [[step]]
        id = "end"
        wait = "end"
        in = "a"
        stdout.ignore = "up"
    """
    script = f"""
    if [ $1 = b ]; then : > gate; until [ -e made ]; do :; done; exit; fi
    echo up; until [ -e gate ]; do :; done
    (sleep 1000 > /dev/null 2>&1 & {BECOME.format("sleep")})
    : > made
    """
    result = bench.one(text, bench.program(script))
    assert [(finding.step, finding.message) for finding in result.findings] == [("end", "a process outlived the step and was killed: sleep 1000")]


def test_a_full_pipe_does_not_stop_a_background_program(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = ["a"]
        stdout.ignore = "much"
        [[step]]
        run = ["b"]
        until = { every = "1ms", within = "60s" }
        stdout.equals = "written\n"
        [[step]]
        wait = "end"
        in = "a"
        stdout.ignore = "much"
    """
    assert (
        bench.one(text, bench.program("if [ $1 = a ]; then head -c 2000000 /dev/zero; : > written; else [ -e written ] && echo written; fi")).verdict
        is Verdict.PASSED
    )


def test_files_of_a_background_program_count_from_its_start(bench: Bench) -> None:
    text = '[files]\nold = "1"\n[[step]]\nid = "a"\nstart = []\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\nfiles.created = ["new"]\nfiles.modified = ["old"]\n'
    result = bench.one(text, bench.program("echo 2 > old; echo > new"))
    assert result.verdict is Verdict.PASSED, result
    assert result.observations[1].files == FileDelta(created=("new",), modified=("old",))


def test_a_program_that_was_killed_could_not_clean_up(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = ["a"]
        stdout.contains = ["up"]
        [[step]]
        signal = "KILL"
        in = "a"
        [[step]]
        wait = "end"
        in = "a"
        exit = "signal:KILL"
        stdout.equals = "up\n"
        [[step]]
        id = "later"
        run = ["b"]
    """
    assert bench.one(text, bench.program("[ $1 = b ] && exit; touch $TMPDIR/x; echo up; exec sleep 1000")).verdict is Verdict.PASSED
    result = bench.one(text, bench.program("[ $1 = b ] && exec touch $TMPDIR/y; touch $TMPDIR/x; echo up; exec sleep 1000"))
    assert [(finding.step, finding.message) for finding in result.findings] == [("later", "a temporary file was left behind: <tmp>/y")]


def test_the_version_filter_and_the_working_directory_follow_the_program(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = ["--version"]\ncwd = "deep/er"\n[[step]]\nwait = "end"\nin = "a"\n'
    text += 'stdout.equals = "toy <version> in <sandbox>/deep/er\\n"\n'
    assert bench.one(text, bench.program("echo toy 1.2.3 in $(pwd)")).verdict is Verdict.PASSED


def test_what_a_step_needs_the_whole_scenario_needs(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\n[[step]]\nsignal = "TERM"\nin = "a"\n'
    result = bench.one(text, bench.program("exit 1", lacks=("posix-signals",)))
    assert (result.verdict, result.reason) == (Verdict.UNSUPPORTED, "needs posix-signals, which toy-any declares to lack")
    result = bench.one('[[step]]\nrun = []\nneeds = ["wings"]\n', bench.program("exit 1"))
    assert (result.verdict, result.reason) == (Verdict.UNSUPPORTED, "needs wings, which this host does not offer")


def test_a_program_that_cannot_be_started_is_no_failure(bench: Bench) -> None:
    artifact = bench.program("exit 0")
    artifact.path.write_bytes(b"\x7fELF")
    result = bench.one('[[step]]\nid = "a"\nstart = []\n[[step]]\nwait = "end"\nin = "a"\n', artifact)
    assert (result.verdict, result.findings) == (Verdict.HARNESS_ERROR, ())


def test_a_program_whose_end_goes_wrong_is_over_and_keeps_no_other_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when Ctrl-C comes while what it left behind is being cleared away."""
    spawner = LocalSpawner(grace=0.1, settle=0.1)
    spec = ProcessSpec(("/bin/sleep", "1000"), {}, tmp_path, 60.0, 1000, None)
    programs = CellPrograms()
    for name in ("first", "second"):
        programs.add(StartedProgram(Step(name, 1, RunSpec(()), Position(Path("s.toml"), 1, 1)), (), (), spawner.start(spec), None))
    first, second = programs
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(background, "clear", interrupted)
        first.stop()
    assert not first.alive and second.alive
    with pytest.raises(KeyboardInterrupt):
        programs.close()
    assert not programs.any_alive()
    assert second.stop().exit.signal in ("INT", "KILL")


def interrupted(*_arguments: object) -> Never:
    raise KeyboardInterrupt
