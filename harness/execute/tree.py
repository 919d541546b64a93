"""The processes of a step: the one that was started (the leader), and whatever it started.

Nothing escapes by leaving its group or session: this process is a "child subreaper", so every descendant that loses its parent becomes a child
of this process. A descendant is told from the harness's own children (servers) by its age: it is younger than the leader. While several leaders
run at a time, a descendant belongs to the one whose session it is in; one that has left its session belongs to the leader that ends last,
because nobody can say whose it was before. Which leader is the last is decided when it is reaped, so that exactly one takes them.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Final

from harness.faults import SpawnFault
from harness.model.observation import Exit

_PR_SET_CHILD_SUBREAPER: Final = 36
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_ROUNDS: Final = 1000
_UNKILLABLE_MS: Final = 10_000
_TITLE_LIMIT: Final = 400
"""More than a path is long in most places: what is cut off can no longer be told from another sandbox's path."""
_STAT_BYTES: Final = 4096
"""52 fields of at most 20 digits, and a name of at most 64 bytes."""
_AT_ONCE: Final = 64
"""So many orphans are looked at together: each takes a descriptor, of which this process may have few."""


def become_reaper() -> None:
    """Orphaned descendants become children of this process instead of the init process's. Harmless to repeat."""
    if sys.platform != "linux":
        raise SpawnFault(f"scenarios can be run on Linux only, and this is {sys.platform}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SpawnFault(f"cannot become the reaper of orphaned processes: {os.strerror(ctypes.get_errno())}")


def tick() -> int:
    """The present in the unit in which the kernel notes the birth of processes (10 ms)."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS)


@dataclass(frozen=True, slots=True)
class Remaining:
    """A process that outlived the leader; ``descriptor`` becomes readable when it ends."""

    pid: int
    descriptor: int


@dataclass(frozen=True, slots=True)
class _Stat:
    pid: int
    state: str
    parent: int
    session: int
    started: int


class Household:
    """The leaders of this process whose trees have not been cleared yet. Children belong to a process as a whole, so there is one of these.

    Whoever starts a leader holds the lock from before the start until ``enter``: otherwise the tree of another one might take it for an orphan.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self._leaders: dict[int, bool] = {}
        """Each with whether it still runs."""
        self._oldest: tuple[int, int] | None = None

    def enter(self, leader: int, not_before: int) -> None:
        with self.lock:
            self._leaders[leader] = True
            self._oldest = min(self._oldest, (not_before, leader)) if self._oldest else (not_before, leader)

    def retire(self, leader: int) -> bool:
        """Take note of its end; whether no other one was running then."""
        with self.lock:
            self._leaders[leader] = False
            return not any(self._leaders.values())

    def leave(self, leader: int) -> None:
        with self.lock:
            self._leaders.pop(leader, None)
            if not self._leaders:
                self._oldest = None

    def others(self, leader: int) -> frozenset[int]:
        return frozenset(self._leaders.keys() - {leader})

    def oldest(self, leader: int, not_before: int) -> tuple[int, int]:
        """Since when there may be descendants of any leader that ran at the same time as this one: tick, and process number."""
        return self._oldest or (not_before, leader)


HOUSEHOLD: Final = Household()


class ProcessTree:
    """``not_before`` is what ``tick`` said before the leader was started."""

    def __init__(self, leader: int, not_before: int) -> None:
        self.leader = leader
        HOUSEHOLD.enter(leader, not_before)
        self.leader_descriptor = os.pidfd_open(leader)
        self._not_before = not_before
        self._reaped = False
        self._last = False
        self._descriptors: dict[int, Remaining] = {}

    def signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.leader, number)

    def reap_leader(self) -> Exit:
        """How the leader ended; it must have ended."""
        found = os.waitid(os.P_PID, self.leader, os.WEXITED)
        self._retire()
        if found is None or found.si_code == os.CLD_EXITED:
            return Exit(code=found.si_status if found else None)
        return Exit(signal=_signal_name(found.si_status))

    def _retire(self) -> None:
        self._reaped = True
        self._last = HOUSEHOLD.retire(self.leader)

    def remaining(self) -> tuple[Remaining, ...]:
        """Orphans that have not ended yet, not all of them when they are many; those that have are reaped on the way."""
        while _has_children():
            orphans = self._orphans()
            ended = [stat for stat in orphans if stat.state == "Z"]
            if not ended:
                return tuple(process for stat in orphans[:_AT_ONCE] if (process := self._open(stat.pid)) is not None)
            # One that ended while the list was made may have left children that were still listed as its own: look again.
            for stat in ended:
                self._reap(stat.pid)
        return ()

    def kill_everything(self) -> tuple[str, ...]:
        """Kill the leader, if it still runs, and all that came from it. Returns the titles of what had outlived the leader, sorted."""
        if not self._reaped:
            self.signal_group(signal.SIGKILL)
            os.waitid(os.P_PID, self.leader, os.WEXITED)
            self._retire()
        titles: dict[int, str] = {}
        for _ in range(_ROUNDS):
            remaining = self.remaining()
            if not remaining:
                return tuple(sorted(titles.values()))
            for process in remaining:
                # Only now: a process that was found right after its birth has had the time to become what it is.
                titles[process.pid] = _title(process.pid)
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(process.descriptor, signal.SIGKILL)
            for process in remaining:
                self._wait(process)
                self._reap(process.pid)
        raise SpawnFault(f"processes of the step keep coming back after SIGKILL: {', '.join(sorted(set(titles.values())))}")

    def leader_ended(self) -> bool:
        """Whether the leader has ended, reaped or not."""
        poll = select.poll()
        poll.register(self.leader_descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def signal_leader(self, number: signal.Signals) -> bool:
        """False when the leader has ended already."""
        if self.leader_ended():
            return False
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.leader_descriptor, number)
        return True

    def close(self) -> None:
        HOUSEHOLD.leave(self.leader)
        os.close(self.leader_descriptor)
        for process in self._descriptors.values():
            os.close(process.descriptor)
        self._descriptors.clear()

    def _open(self, pid: int) -> Remaining | None:
        if pid not in self._descriptors:
            try:
                self._descriptors[pid] = Remaining(pid, os.pidfd_open(pid))
            except ProcessLookupError:
                return None
        return self._descriptors[pid]

    def _wait(self, process: Remaining) -> None:
        poll = select.poll()
        poll.register(process.descriptor, select.POLLIN)
        if not poll.poll(_UNKILLABLE_MS):
            raise SpawnFault(f"process {process.pid} ({_title(process.pid)}) does not end, not even by SIGKILL; see its state in /proc/{process.pid}/status")

    def _reap(self, pid: int) -> None:
        """Take note of the end of a process that has ended."""
        if (process := self._descriptors.pop(pid, None)) is not None:
            os.close(process.descriptor)
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, pid, os.WEXITED)

    def _orphans(self) -> list[_Stat]:
        """Children of this process that were born after the leader. What is below them comes up when they are gone."""
        me = os.getpid()
        with HOUSEHOLD.lock:
            others = HOUSEHOLD.others(self.leader)
            not_before, first = HOUSEHOLD.oldest(self.leader, self._not_before) if self._last else (self._not_before, self.leader)
            born = [stat for stat in _candidates(first) if stat.parent == me and stat.pid != self.leader and stat.started >= not_before]
        if self._last:
            return [stat for stat in born if stat.pid not in others and stat.session not in others]
        return [stat for stat in born if stat.session == self.leader]


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _candidates(leader: int) -> list[_Stat]:
    """Processes that may be younger than the leader, by their numbers alone: numbers are given out in a circle."""
    newest = int(Path("/proc/loadavg").read_text("ascii").split()[-1])
    numbers = (int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208 - three times as fast as Path.iterdir, on every cell
    wrapped = newest < leader
    return [stat for number in numbers if (number > leader or (wrapped and number <= newest)) and (stat := _stat(number)) is not None]


def _stat(pid: int) -> _Stat | None:
    try:
        # The bare calls: every cell reads some of these, and a path and a file object cost three times as much as what is read.
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(descriptor, _STAT_BYTES)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything; the last parenthesis ends it.
    fields = text[text.rindex(b")") + 2 :].split()
    return _Stat(pid, fields[0].decode("ascii"), int(fields[1]), int(fields[3]), int(fields[19]))


def _title(pid: int) -> str:
    """The command line of a process, or its short name in brackets when it has none."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()[: _TITLE_LIMIT * 4]
        if line:
            return " ".join(part.decode("utf-8", "backslashreplace") for part in line.rstrip(b"\0").split(b"\0"))[:_TITLE_LIMIT]
        return f"[{Path(f'/proc/{pid}/comm').read_text('utf-8', 'backslashreplace').strip()}]"
    except (FileNotFoundError, ProcessLookupError):
        return "[ended]"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)
