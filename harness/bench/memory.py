"""Peak memory of every process of a run: of the largest one exactly, of each of them as closely as its own count can be read while it lives.

The kernel keeps the high-water mark of a process (``VmHWM``), which can be read until the process ends; what is still missed after the last look is
in the launcher's report, which covers all processes of the run and names the largest. A child that has not become another program yet is left out: it
wears the memory of its parent, which counts already. So are the programs of the cells, each of them far smaller than a process of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from harness.bench.runners import LIMIT, Runner, environment
from harness.perf.errors import ToolError
from harness.perf.memory import launch
from harness.perf.place import Place

LOOK_SECONDS = 0.05
SMALL_KIB = 4096
"""Processes that never come above this are the programs of the cells."""
_FORKED_ONLY = 0x40
"""``PF_FORKNOEXEC`` of the kernel, in the flags that it shows of a process."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """In KiB. ``largest`` is the kernel's own account of the whole run."""

    largest: int
    processes: tuple[int, ...]
    together: int
    """The most that all processes had resident at one moment; pages that they share count once for each."""


@dataclass(slots=True)
class _Watch:
    """Looks at what the launcher started, and what came from that, until it is told to stop."""

    highest: dict[int, int] = field(default_factory=dict)
    together: int = 0

    def until(self, stop: Event) -> None:
        while not stop.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        resident = 0
        for pid in _started_by_the_launcher():
            # In this order: what was a program of its own at the first look is so at the second.
            fields = {} if _is_its_parent_still(pid) else _status(pid)
            if "VmHWM" in fields:
                self.highest[pid] = max(self.highest.get(pid, 0), fields["VmHWM"])
                resident += fields["VmRSS"]
        self.together = max(self.together, resident)


def peaks(launcher: Path, runner: Runner) -> Peaks:
    """One run under the launcher, watched; a run that does not pass all its cases is an error."""
    with TemporaryDirectory(prefix="conformance-bench-") as folder, ThreadPoolExecutor(1) as thread:
        output = Path(folder) / "output"
        watch, stop = _Watch(), Event()
        looking = thread.submit(watch.until, stop)
        try:
            usage = launch(launcher, runner.argv, place=Place(Path(folder), environment()), stdout=output, limit=LIMIT)
        finally:
            stop.set()
            looking.result()
        text = output.read_text(encoding="utf-8", errors="replace")
    found = runner.counted(text)
    if usage.exit or found != runner.expected:
        raise ToolError(f"{runner.title} passed {found} of {runner.expected} cases (exit {usage.exit}) while its memory was measured:\n{text[-2000:]}")
    processes = sorted((kib for kib in watch.highest.values() if kib > SMALL_KIB), reverse=True)
    return Peaks(usage.max_rss_kib, tuple(processes), watch.together)


def _started_by_the_launcher() -> list[int]:
    """The processes of the run. The launcher, which is small and none of them, is the one child that this process has."""
    found: list[int] = []
    pending = [pid for launcher in _children("self") for pid in _children(launcher)]
    while pending:
        pid = pending.pop()
        found.append(pid)
        pending += _children(pid)
    return found


def _children(process: int | str) -> list[int]:
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{process}/task").iterdir():
            found += [int(text) for text in (thread / "children").read_text(encoding="ascii").split()]
    except OSError:
        pass  # it has ended; so have its threads
    return found


def _status(pid: int) -> Mapping[str, int]:
    """The memory fields of a process in KiB; empty once it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    rows = (line.split() for line in text.splitlines() if line.startswith("Vm"))
    return {row[0].rstrip(":"): int(row[1]) for row in rows if len(row) >= 2}


def _is_its_parent_still(pid: int) -> bool:
    """Whether it was forked and has not become a program of its own; also when it has ended meanwhile."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True
    # The name in parentheses may hold anything; the last parenthesis ends it.
    return bool(int(text[text.rindex(b")") + 2 :].split()[6]) & _FORKED_ONLY)
