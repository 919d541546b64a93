"""The commands that are compared, and how each says that it has run all cases and found nothing wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.bench import cases
from harness.perf.errors import ToolError

CELLS = re.compile(r"^(\d+) passed in ", re.MULTILINE)
COLLECTED = re.compile(r"^(\d+) tests? collected in ", re.MULTILINE)
BATS = re.compile(r"^ok \d+ ", re.MULTILINE)
PRYSK = re.compile(r"^# Ran (\d+) tests?, 0 skipped, 0 failed\.$", re.MULTILINE)
LIMIT = 1800
_LEFT_OUT = ("CI", "PYTHONDONTWRITEBYTECODE")
_SETTINGS = re.compile(r"^\[tool\.pytest\.ini_options\]$.*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Runner:
    """One way to run a tree of cases; ``counted`` reads from its output how many cases passed."""

    id: str
    title: str
    argv: tuple[str, ...]
    cwd: Path
    expected: int
    counted: Callable[[str], int]


def environment() -> dict[str, str]:
    """The caller's, without what would make a test runner behave otherwise than by default; bytecode is kept, as that of an installed program is."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "BATS_", "PRYSK_")) and name not in _LEFT_OUT}


def run(runner: Runner) -> None:
    """Run it to its end; anything but the expected count and exit code 0 is an error, so that nothing is measured that did not happen."""
    try:
        done = subprocess.run(
            runner.argv, cwd=runner.cwd, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{runner.title} could not be run: {error}") from None
    output = done.stdout + done.stderr
    found = runner.counted(output)
    if done.returncode or found != runner.expected:
        raise ToolError(f"{runner.title} passed {found} of {runner.expected} cases (exit {done.returncode}):\n{output[-SHOWN:]}")


def engine(checkout: Path, folder: Path, expected: int, *options: str) -> Runner:
    """pytest as another project uses the engine: every plugin that is installed here, and this checkout's settings in a file of the project's own.

    Without such a file pytest takes every folder from the root of the file system down for a part of the project, and looks through each.
    """
    found = _SETTINGS.search((checkout / "pyproject.toml").read_text("utf-8"))
    if found is None:
        raise ToolError(f"{checkout / 'pyproject.toml'} has no settings of pytest")
    (folder / "pyproject.toml").write_text(found.group(), encoding="utf-8")
    argv = [sys.executable, "-m", "pytest", "-q"]
    argv += [f"--scenarios={folder / 'scenarios'}", f"--artifacts={folder / 'artifacts.json'}", *options, str(folder / "scenarios")]
    collects = "--collect-only" in options
    title = " ".join(("conformance", *options))
    return Runner(title, title, tuple(argv), folder, expected, _number(COLLECTED if collects else CELLS))


def contenders(checkout: Path, work: Path, program: Path, count: int) -> tuple[tuple[Runner, ...], tuple[tuple[str, str], ...]]:
    """Every runner over the same cases, and those that this machine lacks with the reason."""
    ours = work / "scenarios"
    cases.write_scenarios(ours, program, count, cases.PER_FILE)
    found = [engine(checkout, ours, count), engine(checkout, ours, count, "-n", "2")]
    missing: list[tuple[str, str]] = []
    if bats := shutil.which("bats"):
        folder = work / "bats"
        cases.write_bats(folder, program, count, cases.PER_FILE)
        counted = _lines(BATS)
        found.append(Runner("bats", "bats", (bats, str(folder)), folder, count, counted))
        if shutil.which("parallel"):
            found.append(Runner("bats --jobs 2", "bats --jobs 2", (bats, "--jobs", "2", str(folder)), folder, count, counted))
        else:
            missing.append(("bats --jobs 2", "needs GNU parallel; install it with: apt-get install parallel"))
    else:
        missing.append(("bats", "install it with: apt-get install bats"))
    if prysk := shutil.which("prysk", path=str(Path(sys.executable).parent)):
        for name, per_file, files in (("prysk", 1, count), ("prysk, one shell per file", cases.PER_FILE, -(-count // cases.PER_FILE))):
            folder = work / f"prysk-{per_file}"
            cases.write_prysk(folder, program, count, per_file)
            found.append(Runner(name, name, (prysk, str(folder)), folder, files, _number(PRYSK)))
    else:
        missing.append(("prysk", "it is part of the environment that `make setup` installs"))
    return tuple(found), tuple(missing)


def versions() -> tuple[tuple[str, str], ...]:
    """What took part."""
    rows = [("Python", sys.version.split()[0])]
    for name in ("pytest", "pytest-xdist", "prysk"):
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:
            rows.append((name, "not installed"))
    for command in ("bats", "parallel"):
        path = shutil.which(command)
        if path is None:
            rows.append((command, "not installed"))
            continue
        told = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        rows.append((command, next(iter(told.stdout.splitlines()), "unknown")))
    return tuple(rows)


def _number(pattern: re.Pattern[str]) -> Callable[[str], int]:
    def counted(output: str) -> int:
        found = pattern.findall(output)
        return int(found[-1]) if found else 0

    return counted


def _lines(pattern: re.Pattern[str]) -> Callable[[str], int]:
    def counted(output: str) -> int:
        return len(pattern.findall(output))

    return counted
