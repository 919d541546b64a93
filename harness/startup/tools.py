"""The programs that count, and what is pinned so that they count the same every time.

Instructions vary with five things besides the program and its input: random bytes (hash seeds, allocators), the clock, the number of the parent
process, the addresses at which memory lies, and the environment. The first three are answered by strace instead of the kernel: every request for
random bytes is said to have been met and leaves the zeros that were there, the clock stands still, and the parent always has the same number (a shell
writes it into ``PPID`` when it starts: 19 instructions a digit in dash). Addresses are fixed by valgrind itself, and by the personality of the process
where it runs without valgrind. The environment is closed, and paths in it have the same length everywhere. A process's own number stays real, because
valgrind names its profiles by it; a program that writes it down varies by some twenty instructions a digit.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.startup.errors import StartupError, ToolMissingError

SYSTEM_PATH = "/usr/bin:/bin"
SECONDS = 300
# 32 is what the largest single request of a start-up asks for; a smaller request that is "met" with more is met, too.
RANDOM = "inject=getrandom:retval=32"
# struct timespec {1000, 0}, little-endian.
CLOCK = "inject=clock_gettime:poke_exit=@arg2=e8030000000000000000000000000000"
PARENT = "inject=getppid:retval=1000"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a measured program ended."""

    exit: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class Tools:
    """The three programs by their paths, with their versions."""

    valgrind: str
    strace: str
    setarch: str
    versions: tuple[str, ...]

    def counting(self, profile: str) -> list[str]:
        """What precedes a command whose instructions are counted; ``profile`` may hold ``%p``."""
        callgrind = [self.valgrind, "--quiet", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={profile}"]
        return [*self._pinned("/dev/null", "getrandom,clock_gettime,getppid"), *callgrind]

    def tracing(self, log: Path) -> list[str]:
        """What precedes a command whose calls and files are listed."""
        return [self.setarch, "-R", *self._pinned(str(log), "all")]

    def _pinned(self, log: str, calls: str) -> list[str]:
        seccomp = [] if calls == "all" else ["--seccomp-bpf"]
        return [self.strace, "-f", *seccomp, "-qqq", "-s", "4096", "-o", log, "-e", f"trace={calls}", "-e", RANDOM, "-e", CLOCK, "-e", PARENT]


def locate() -> Tools:
    """The tools of this machine, or what to install."""
    paths = {}
    for name, package in (("valgrind", "valgrind"), ("strace", "strace"), ("setarch", "util-linux")):
        found = shutil.which(name, path=SYSTEM_PATH)
        if found is None:
            raise ToolMissingError(f"{name} is not installed; the start-up ledger needs it: apt-get install {package}")
        paths[name] = found
    versions = (_version([paths["valgrind"], "--version"]), _version([paths["strace"], "--version"]))
    return Tools(paths["valgrind"], paths["strace"], paths["setarch"], versions)


def run(argv: Sequence[str], *, cwd: Path, environment: Mapping[str, str]) -> Answer:
    """One run under a tool, without a terminal and without input."""
    try:
        done = subprocess.run(argv, cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    except OSError as error:
        raise ToolMissingError(f"{argv[0]} cannot be started: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise StartupError(f"{' '.join(argv[-3:])} took longer than {SECONDS} s under {Path(argv[0]).name}") from None
    return Answer(done.returncode, done.stdout, done.stderr)


def _version(argv: list[str]) -> str:
    done = run(argv, cwd=Path("/"), environment={"PATH": SYSTEM_PATH})
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[0].strip() if lines else f"{Path(argv[0]).name} of an unknown version"
