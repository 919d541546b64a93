"""Running one process: streams complete, limits that hold, nothing left behind, nothing of the harness inherited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from execute_cells import BECOME

from harness.execute.process import LocalSpawner, ProcessEnd, ProcessSpec
from harness.faults import SpawnFault
from harness.model.observation import Exit

SH = "/bin/sh"
LIMIT = 60.0
SLEEPER = f"sleep 1000 & {BECOME.format('sleep')}"


def run(
    script: str, cwd: Path, *, stdin: bytes | None = None, limit: float = LIMIT, output_limit: int = 1 << 20, env: dict[str, str] | None = None
) -> ProcessEnd:
    spec = ProcessSpec((SH, "-c", script), env or {"PATH": "/usr/bin:/bin"}, cwd, limit, output_limit, stdin)
    return LocalSpawner(grace=0.5, settle=0.1).run(spec)


def python(script: str, cwd: Path) -> ProcessEnd:
    spec = ProcessSpec((sys.executable, "-I", "-S", "-c", script), {}, cwd, LIMIT, 1 << 20)
    return LocalSpawner(grace=0.5, settle=0.1).run(spec)


def open_descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_both_streams_are_complete_and_apart(tmp_path: Path) -> None:
    end = run(
        "i=0; while [ $i -lt 3000 ]; do echo out-$i-xxxxxxxxxxxxxxxxxxxxxxxxxxxxx; echo err-$i-xxxxxxxxxxxxxxxxxxxxxxxxxxxxx >&2; i=$((i+1)); done", tmp_path
    )
    assert end.exit == Exit(code=0)
    assert [line.split(b"-")[1] for line in end.stdout.splitlines()] == [str(i).encode() for i in range(3000)]
    assert end.stdout.replace(b"out", b"err") == end.stderr
    assert end.cut == {} and end.orphans == () and not end.timed_out


def test_exit_code_and_signal_are_told_apart(tmp_path: Path) -> None:
    assert run("exit 143", tmp_path).exit == Exit(code=143)
    assert run("kill -TERM $$", tmp_path).exit == Exit(signal="TERM")
    assert run(f"kill -{signal.SIGRTMIN + 1} $$", tmp_path).exit == Exit(signal=str(signal.SIGRTMIN + 1))


def test_input_larger_than_a_pipe_arrives_whole(tmp_path: Path) -> None:
    data = os.urandom(700_000)
    assert run("cat", tmp_path, stdin=data).stdout == data


def test_without_input_there_is_an_end_of_file(tmp_path: Path) -> None:
    assert run("cat; echo end", tmp_path).stdout == b"end\n"
    assert run("cat; echo end", tmp_path, stdin=b"").stdout == b"end\n"


def test_a_program_that_does_not_read_its_input_is_no_trouble(tmp_path: Path) -> None:
    end = run("exec 0<&-; echo done", tmp_path, stdin=bytes(1_000_000))
    assert (end.exit, end.stdout) == (Exit(code=0), b"done\n")


def test_output_beyond_the_limit_is_counted_and_dropped(tmp_path: Path) -> None:
    end = run("head -c 3000000 /dev/zero; echo short >&2", tmp_path, output_limit=1000)
    assert end.stdout == bytes(1000)
    assert end.cut == {"stdout": 2_999_000}
    assert end.stderr == b"short\n"


def test_output_of_exactly_the_limit_is_not_cut(tmp_path: Path) -> None:
    end = run("head -c 1000 /dev/zero", tmp_path, output_limit=1000)
    assert (len(end.stdout), end.cut) == (1000, {})


def test_a_program_that_writes_for_ever_ends_at_its_time_limit(tmp_path: Path) -> None:
    end = run("yes", tmp_path, limit=0.5, output_limit=100)
    assert end.timed_out
    assert end.stdout == b"y\n" * 50
    assert end.cut["stdout"] > 0


def test_over_its_time_limit_a_program_is_interrupted_first(tmp_path: Path) -> None:
    end = run("trap 'echo cleaned; exit 7' INT; sleep 100 & wait", tmp_path, limit=1.0)
    assert end.timed_out
    assert (end.exit, end.stdout) == (Exit(code=7), b"cleaned\n")


def test_a_program_that_ignores_the_interrupt_is_killed_with_its_children(tmp_path: Path) -> None:
    end = run("trap '' INT; echo $$; sleep 100 & echo $!; sleep 101", tmp_path, limit=1.0)
    assert (end.timed_out, end.exit) == (True, Exit(signal="KILL"))
    assert not any(is_running(int(pid)) for pid in end.stdout.split())


def test_a_stopped_program_is_killed(tmp_path: Path) -> None:
    end = run("kill -STOP $$", tmp_path, limit=0.3)
    assert (end.timed_out, end.exit) == (True, Exit(signal="KILL"))


def test_a_background_process_that_holds_the_pipe_does_not_hang_the_run(tmp_path: Path) -> None:
    end = run(f"{SLEEPER}; echo $!", tmp_path)
    assert end.exit == Exit(code=0)
    assert end.orphans == ("sleep 1000",)
    assert not is_running(int(end.stdout))


def test_a_background_process_that_ends_soon_is_no_orphan_and_its_output_counts(tmp_path: Path) -> None:
    spec = ProcessSpec((SH, "-c", "(cat gate; echo late) & exec 1>&2; echo open > gate & exit 3"), {"PATH": "/usr/bin:/bin"}, tmp_path, LIMIT, 1000)
    os.mkfifo(tmp_path / "gate")
    end = LocalSpawner(grace=0.5, settle=30.0).run(spec)
    assert (end.exit, end.stdout, end.orphans) == (Exit(code=3), b"open\nlate\n", ())


DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2): os.dup2(null, descriptor)
        open(PATH, "w").write(str(os.getpid()))
        os.rename(PATH, PATH + ".ready")
        time.sleep(1000)
    os._exit(0)
os.wait()
while not os.path.exists(PATH + ".ready"): time.sleep(0.005)
"""


def test_a_daemon_that_left_its_session_is_found_and_killed(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    end = python(DAEMON.replace("PATH", repr(str(marker))), tmp_path)
    assert end.exit == Exit(code=0), end.stderr
    assert len(end.orphans) == 1 and end.orphans[0].startswith(sys.executable)
    assert not is_running(int((tmp_path / "pid.ready").read_text()))


def test_a_tree_below_an_orphan_is_killed_as_a_whole(tmp_path: Path) -> None:
    end = run(f"mkfifo up; sh -c 'sleep 500 & {BECOME.format('sleep')}; echo $!; echo >up; wait' & read x <up", tmp_path)
    assert len(end.orphans) == 2 and "sleep 500" in end.orphans
    assert not is_running(int(end.stdout))


def test_processes_of_the_harness_are_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True) as mine:
        try:
            assert run(f"{SLEEPER}; echo $!", tmp_path).orphans == ("sleep 1000",)
            assert mine.poll() is None
        finally:
            mine.kill()


def test_nothing_is_left_of_a_run_that_is_broken_off(tmp_path: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            # The program itself says when: both of its processes are there, and more than a pipe holds has been read.
            run("echo $$ > pid; sleep 1000 & echo $! >> pid; head -c 100000 /dev/zero; kill -ALRM $PPID; wait", tmp_path)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not any(is_running(int(pid)) for pid in (tmp_path / "pid").read_text().split())


def test_the_environment_is_exactly_what_was_given(tmp_path: Path) -> None:
    end = python("import os; print(sorted(os.environ))", tmp_path)
    assert end.stdout.decode().strip() in ("[]", "['LC_CTYPE']")  # CPython itself may add the coerced locale


def test_signals_that_the_harness_ignores_or_blocks_are_not_for_the_program(tmp_path: Path) -> None:
    script = (
        "import signal; print([s.name for s in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM) if signal.getsignal(s) is signal.SIG_IGN], "
        "signal.pthread_sigmask(0, []))"
    )
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        assert python(script, tmp_path).stdout == b"[] set()\n"
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)


def test_only_the_three_standard_descriptors_are_open(tmp_path: Path) -> None:
    given = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(given, True)  # like the descriptors that make or a CI runner hand down
    end = python("import os; print([d for d in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{d}')])", tmp_path)
    os.close(given)
    assert end.stdout.decode().strip() == "['0', '1', '2']"


def test_the_working_directory_of_the_harness_stays(tmp_path: Path) -> None:
    here = Path.cwd()
    assert run("pwd", tmp_path).stdout.decode().strip() == str(tmp_path)
    assert Path.cwd() == here


def test_no_descriptor_is_leaked(tmp_path: Path) -> None:
    run("sleep 1000 & true", tmp_path)
    before = open_descriptors()
    for _ in range(3):
        run("sleep 1000 & cat", tmp_path, stdin=b"x")
    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("program", "reason"),
    [("missing", "No such file"), ("plain", "Permission denied"), ("garbage", "Exec format error"), (".", "Permission denied")],
)
def test_a_program_that_cannot_be_started_is_a_fault_with_its_reason(tmp_path: Path, program: str, reason: str) -> None:
    (tmp_path / "plain").write_text("x")
    (tmp_path / "garbage").write_bytes(b"\x7fELF garbage")
    (tmp_path / "garbage").chmod(0o755)
    here, descriptors = Path.cwd(), open_descriptors()
    with pytest.raises(SpawnFault, match=f"cannot start .*{program}.*: {reason}"):
        LocalSpawner().run(ProcessSpec((str(tmp_path / program),), {}, tmp_path, LIMIT, 100))
    assert (Path.cwd(), open_descriptors()) == (here, descriptors)


def test_an_argument_with_a_null_character_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SpawnFault, match="null"):
        LocalSpawner().run(ProcessSpec((SH, "-c", "a\0b"), {}, tmp_path, LIMIT, 100))
