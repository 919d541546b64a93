"""Programs that do harm: what is told of them, that the next cell is none the worse, and that the host is as it was before."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from execute_cells import Bench, open_bench

from harness.execute.claims import PREFIX
from harness.execute.process import LocalSpawner
from harness.execute.removal import remove
from harness.model.artifact import Artifact
from harness.model.verdict import CellResult, Verdict

MEBIBYTE = 1024 * 1024
DECENT = '[[step]]\nrun = []\nstdout.equals = "fine\\n"\n'


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench on which every test must leave nothing: no process, no descriptor, no file."""
    with open_bench(tmp_path) as bench:
        bench.one("[[step]]\nrun = []\nstdout.ignore = 'warm'\n", bench.program("true"))
        before, older = descriptors(), children()
        yield bench
        assert descriptors() == before
        assert children() <= older
        decent = bench.one(DECENT, bench.program('echo fine; ls -A . "$HOME" "$TMPDIR" | grep -v "^$\\|:$" >&2; true'))
        assert (decent.verdict, decent.findings) == (Verdict.PASSED, ()), decent.reason
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(PREFIX)]


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths


def children() -> set[int]:
    """The processes below this one, ended or not. Servers of cells that ran before in the same process are there, too."""
    return {int(pid) for thread in Path("/proc/self/task").iterdir() for pid in (thread / "children").read_text("ascii").split()}


def python(bench: Bench, source: str) -> Artifact:
    path = bench.path / "program"
    path.write_text(f"#!{sys.executable} -ISB\nimport os, signal, sys, time\n{source}\n", "utf-8")
    path.chmod(0o755)
    return Artifact("toy-any", "native", "any", path, "", 0, "1.2.3")


def told(result: CellResult) -> list[str]:
    assert result.verdict is not Verdict.HARNESS_ERROR, result.reason
    for finding in result.findings:
        finding.message.encode("utf-8")
        "".join(finding.diff).encode("utf-8")
    return [f"{finding.step} {finding.aspect}/{finding.check}" for finding in result.findings]


STEP = '[[step]]\nid = "s"\nrun = []\ntimeout = "{limit}"\n{more}\n'
QUICK = STEP.format(limit="1s", more="stdout.ignore = 'whatever it says'")
PATIENT = STEP.format(limit="60s", more="stdout.ignore = 'whatever it says'")


def test_a_gibibyte_of_output_is_read_counted_and_not_kept(bench: Bench) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = bench.one(STEP.format(limit="120s", more='stdout.contains = "\\u0000"'), bench.program("head -c 1073741824 /dev/zero"))
    assert told(result) == ["s stdout/output-limit"]
    dropped = 1024 * MEBIBYTE - bench.services.output_limit
    assert f"{dropped} bytes were dropped" in result.findings[0].message
    # Three copies of what is kept at most: as it came, as bytes, as text.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 160 * 1024


@pytest.mark.parametrize("script", ["yes", "yes >&2", "trap '' INT TERM HUP; yes", "while :; do echo x >&2; done & while :; do echo y; done"])
def test_a_program_that_writes_for_ever_ends_at_its_limit(bench: Bench, script: str) -> None:
    # A shell lets what it starts in the background ignore the interrupt: the last of these leaves a process.
    first, *others = told(bench.one(QUICK, bench.program(script)))
    assert first == "s timeout/timeout" and set(others) <= {"s leak/orphan"}


def test_a_terminal_that_is_written_full_for_ever_ends_at_its_limit(bench: Bench) -> None:
    text = '[[step]]\nid = "s"\nstart = []\nterminal = "40x4"\ntimeout = "1s"\nscreen.contains = "never"\n'
    assert told(bench.one(text, bench.program("yes")))[0] == "s screen/contains"


@pytest.mark.parametrize(
    "source",
    [
        "signal.pause()",
        "for number in (1, 2, 3, 15): signal.signal(number, signal.SIG_IGN)\nwhile True: signal.pause()",
        "os.kill(0, signal.SIGSTOP)",
        "os.closerange(0, 256)\nwhile True: signal.pause()",
        "os.setpgid(0, 0) if os.getpid() != os.getsid(0) else None\nos.fork()\nwhile True: signal.pause()",
    ],
    ids=["waits", "ignores signals", "stops itself", "closes everything", "waits twice"],
)
def test_a_program_that_does_not_end_is_ended(bench: Bench, source: str) -> None:
    assert "s timeout/timeout" in told(bench.one(QUICK, python(bench, source)))


def test_a_program_that_closes_its_output_early_may_go_on(bench: Bench) -> None:
    text = STEP.format(limit="60s", more='stdout.equals = "said\\n"\nfiles.created = ["done"]')
    assert told(bench.one(text, bench.program("echo said; exec >&- 2>&-; echo x > done"))) == []


def test_reading_for_ever_comes_to_an_end(bench: Bench) -> None:
    assert told(bench.one(PATIENT, bench.program("while read line; do echo $line; done; cat"))) == []


DAEMON = """
import ctypes
libc = ctypes.CDLL(None)
if os.fork() == 0:
    os.setsid()
    libc.prctl(36, 1, 0, 0, 0)
    libc.prctl(1, 0, 0, 0, 0)
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            os.chdir("/")
            os.closerange(0, 256)
            while True: signal.pause()
    os.closerange(0, 256)
    while True: signal.pause()
"""


def test_a_daemon_that_reaps_its_own_is_found_with_all_of_them(bench: Bench) -> None:
    result = bench.one(PATIENT, python(bench, DAEMON))
    assert set(told(result)) == {"s leak/orphan"}


def test_hundreds_of_children_are_one_finding(bench: Bench) -> None:
    source = "for _ in range(300):\n    if os.fork() == 0:\n        os.closerange(0, 3)\n        while True: signal.pause()\n"
    result = bench.one(PATIENT, python(bench, source))
    assert told(result) == ["s leak/orphan"]
    assert result.findings[0].message.endswith("(300 processes)")


def test_children_that_come_back_are_ended(bench: Bench) -> None:
    source = """
def grow(depth):
    os.setsid()
    for _ in range(2 if depth else 0):
        os.fork() or grow(depth - 1)
    while True:
        if not depth: signal.pause()
        os.wait()
        os.fork() or grow(depth - 1)
if os.fork() == 0:
    os.closerange(0, 3)
    grow(3)
"""
    assert told(bench.one(PATIENT, python(bench, source))) == ["s leak/orphan"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('rmdir "$PWD"', "<work> was removed"),
        ('chmod 000 "$PWD"', "<work> was given the mode 0000"),
        ('chmod 777 "$HOME"', "<home> was given the mode 0777"),
        ('chmod 000 "$HOME/.."', "<sandbox>/.. was given the mode 0000"),
        ('chmod 500 "$HOME/../.."', "<sandbox>/../.. was given the mode 0500"),
        ('rmdir "$TMPDIR"; echo x > "$TMPDIR"', "<tmp> was replaced by something that is no directory"),
        ('rmdir "$HOME"; ln -s /usr "$HOME"', "<home> was replaced by something that is no directory"),
    ],
)
def test_a_directory_that_is_taken_away_is_told_and_given_back(bench: Bench, script: str, said: str) -> None:
    text = PATIENT + '[[finally]]\nid = "last"\nrun = ["last"]\nstdout.equals = "here\\n"\n'
    result = bench.one(text, bench.program(f'if test "$1" = last; then cd "$HOME" && cd "$TMPDIR" && echo here; else {script}; fi'))
    assert told(result) == ["s leak/directory"]
    assert said in result.findings[0].message


def test_a_program_that_removes_all_sandboxes_hurts_itself_only(bench: Bench) -> None:
    result = bench.one(PATIENT, bench.program('cd /; rm -rf "${HOME%/*/home}"'))
    assert set(told(result)) == {"s leak/directory"} and len(result.findings) == 3


def test_a_link_in_place_of_a_directory_leads_nobody_away(bench: Bench) -> None:
    precious = bench.path / "precious"
    precious.mkdir()
    (precious / "letter").write_text("dear", "utf-8")
    script = f'cd /; d=${{HOME%/home}}; rm -rf "$d/work" "$d/home"; ln -s {precious} "$d/work"; ln -s {precious} "$d/home"; ln -s {precious} "$d/tmp/x"'
    assert told(bench.one(PATIENT, bench.program(script))) == ["s leak/directory", "s leak/directory", "s leak/temporary"]
    assert (precious / "letter").read_text("utf-8") == "dear"


@pytest.mark.parametrize("above", ["${HOME%/home}", "${HOME%/*/home}"], ids=["of the cell", "of all cells"])
def test_a_link_in_place_of_the_folder_above_leads_nobody_away(bench: Bench, above: str) -> None:
    precious = bench.path / "precious"
    precious.mkdir()
    result = bench.one(PATIENT, bench.program(f'cd /; d="{above}"; rm -rf "$d"; ln -s {precious} "$d"'))
    assert set(told(result)) == {"s leak/directory"} and "was replaced by something that is no directory" in result.findings[0].message
    assert list(precious.iterdir()) == []


def test_a_folder_that_is_locked_from_above_is_told_to_users_without_privileges() -> None:
    """Root may look into everything; the promise is for the others."""
    with TemporaryDirectory() as home:
        os.chown(home, 65534, 65534)
        source = """
import os, sys
from pathlib import Path
os.setgid(65534); os.setuid(65534)
with SandboxRoot.create(Path(sys.argv[1])) as root, root.cell() as sandbox:
    sandbox.root.chmod(0)
    root.path.chmod(0)
    print(sandbox.mend(), sandbox.mend(), sorted(sandbox.strays()))
"""
        prelude = "from harness.execute.sandbox import SandboxRoot\n"
        done = subprocess.run([sys.executable, "-c", prelude + source, home], capture_output=True, text=True, check=False)
        assert done.stdout == "('<sandbox>/../.. was given the mode 0000', '<sandbox>/.. was given the mode 0000') () []\n", done.stderr
        assert list(Path(home).iterdir()) == []


def test_what_is_left_in_home_and_beside_is_told_once(bench: Bench) -> None:
    text = PATIENT.replace("run = []", "run = []\nrepeat = { times = 2 }")
    result = bench.one(text, bench.program('echo x > "$HOME/.history"; mkdir -p "$HOME/.cache/x"; echo x > ../beside'))
    assert told(result) == ["s leak/home", "s leak/home", "s leak/outside"]


def test_a_home_inside_of_the_working_directory_is_accounted_for_by_files(bench: Bench) -> None:
    text = STEP.format(limit="60s", more='env.HOME = "${sandbox}/home"\nfiles.created = ["home/.history"]')
    assert told(bench.one(text, bench.program('mkdir "$HOME"; echo x > "$HOME/.history"'))) == []


DEEP = """
for level in range(3000):
    os.mkdir("deeper-and-deeper")
    os.chdir("deeper-and-deeper")
open("bottom", "w").close()
os.chmod(".", 0)
"""


def test_a_tree_deeper_than_any_path_is_told_and_removed(bench: Bench) -> None:
    result = bench.one(STEP.format(limit="60s", more="files.changed = []"), python(bench, DEEP))
    assert told(result) == ["s files/limit"]
    assert "deeper than a path can name" in result.findings[0].message
    assert told(bench.one(PATIENT, python(bench, "os.chdir(os.environ['HOME'])\n" + DEEP))) == ["s leak/home"]


def test_more_files_than_can_be_listed_are_told_and_removed(bench: Bench) -> None:
    source = "for number in range(10_001): open(f'f{number}', 'w').close()"
    result = bench.one(STEP.format(limit="60s", more="files.changed = []"), python(bench, source))
    assert told(result) == ["s files/limit"]
    assert "more than 10000 files" in result.findings[0].message


def test_pipes_and_sockets_among_the_files_are_files(bench: Bench) -> None:
    source = "import socket\nos.mkfifo('fifo')\nplace = socket.socket(socket.AF_UNIX)\nplace.bind('socket')\nos.symlink('/dev/zero', 'endless')"
    text = STEP.format(limit="60s", more='files.created = ["endless", "fifo", "socket"]')
    assert told(bench.one(text, python(bench, source))) == []


def test_names_that_are_no_text_can_be_told(bench: Bench) -> None:
    source = """
for folder in (b".", os.environb[b"TMPDIR"]):
    for name in (b"\\xff\\xfe", b"a\\nb", b"\\x1b[31mred"):
        open(os.path.join(folder, name), "w").close()
"""
    result = bench.one(STEP.format(limit="60s", more="files.created = []"), python(bench, source))
    assert told(result)[0] == "s files/files.created"
    assert result.findings[0].diff == ("+ ␛[31mred", "+ \\xff\\xfe", "+ a\\x0ab")
    assert [finding.message.rpartition("<tmp>/")[2] for finding in result.findings[1:]] in ([], ["␛[31mred", "\\xff\\xfe", "a\\x0ab"])


@pytest.mark.parametrize("name", ["run", "start"])
def test_a_program_that_fills_the_disk_is_ended(bench: Bench, name: str) -> None:
    limited = replace(bench, services=replace(bench.services, disk_limit=16 * MEBIBYTE))
    source = "for number in range(1024):\n    with open(f'f{number}', 'wb') as file: file.write(bytes(1 << 20))\nwhile True: signal.pause()"
    waiting = '[[step]]\nid = "w"\nwait = "end"\nin = "s"\ntimeout = "60s"\n'
    text = PATIENT if name == "run" else '[[step]]\nid = "s"\nstart = []\n' + waiting
    result = limited.one(text, python(bench, source))
    assert told(result) == ["s files/limit" if name == "run" else "w files/limit"]
    assert "16 MiB" in result.findings[0].message


def test_a_program_that_makes_files_without_end_is_ended(bench: Bench) -> None:
    limited = replace(bench, services=replace(bench.services, entry_limit=2000))
    source = "for number in range(20_000): os.mkdir(f'd{number}')\nwhile True: signal.pause()"
    result = limited.one(PATIENT, python(bench, source))
    assert told(result) == ["s files/limit"]


def test_a_crash_leaves_no_core(bench: Bench) -> None:
    text = STEP.format(limit="60s", more='exit = "signal:SEGV"\nfiles.changed = []')
    assert told(bench.one(text, python(bench, "os.kill(os.getpid(), signal.SIGSEGV)"))) == []
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    fresh = replace(bench, services=replace(bench.services, spawner=LocalSpawner()))
    assert told(fresh.one(STEP.format(limit="60s", more='stdout.equals = "0\\n"'), bench.program("ulimit -c"))) == []


def test_a_program_that_spoils_its_terminal_spoils_nobody_elses(bench: Bench) -> None:
    head = '[[step]]\nid = "s"\nstart = []\nterminal = "40x4"\n\n[[step]]\nid = "w"\nwait = "end"\nin = "s"\ntimeout = "60s"\n'
    source = """
import fcntl, struct, termios, tty
tty.setraw(0)
fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 1, 1, 0, 0))
os.write(1, b"\\x1b[?25l\\x1b(0\\x1b[2;3r")
"""
    assert told(bench.one(head + "screen.ignore = 'spoilt'\n", python(bench, source))) == []
    assert told(bench.one(head + 'screen.equals = "4 40\\n"\n', bench.program("stty size"))) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_locked_trees_are_removed_by_users_without_privileges() -> None:
    """Root may read everything; the promise is for the others."""
    source = """
import os, sys
from pathlib import Path
os.setgid(65534); os.setuid(65534)
root = Path(sys.argv[1]) / "tree"
(root / "a" / "b").mkdir(parents=True)
(root / "a" / "b" / "c").touch()
for path in (root / "a" / "b", root / "a", root): path.chmod(0)
harness.execute.removal.remove(root)
"""
    # The package is imported before the change of user: the checkout may be readable by its owner only.
    prelude = "import harness.execute.removal\n"
    with TemporaryDirectory() as home:
        os.chown(home, 65534, 65534)
        done = subprocess.run([sys.executable, "-c", prelude + source, home], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert list(Path(home).iterdir()) == []


def test_removing_what_is_not_there_is_no_fault(tmp_path: Path) -> None:
    remove(tmp_path / "missing")
    (tmp_path / "link").symlink_to(tmp_path)
    remove(tmp_path / "link")
    assert list(tmp_path.iterdir()) == []
