"""What is asked of whoever starts processes, and what comes of it: plain values, and the two protocols behind which the host lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from harness.execute.room import Allowance
from harness.model.observation import Exit
from harness.model.step import Terminal


@dataclass(frozen=True, slots=True)
class Pipes:
    """How the output of a process is taken; the usual way when nothing is said."""

    size: int = 0
    """Bytes that a pipe holds; 0 leaves that to the kernel."""
    chunk: int = 65536
    """At most so many bytes are read at a time."""
    pause: float = 0.0
    """Seconds after each read."""


USUAL: Final = Pipes()


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What to run. ``argv[0]`` is an absolute path; the environment is complete; no ``stdin`` means an empty one."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    limit: float
    """Seconds."""
    output_limit: int
    """Bytes of each stream."""
    stdin: bytes | None = None
    terminal: Terminal | None = None
    """A terminal of this size takes the place of all three streams; only for programs that are started in the background."""
    network: bool = True
    """False: the process is ended when it opens an internet socket."""
    closed_stdin: bool = False
    """Without ``stdin``: descriptor 0 is closed in place of an empty file."""
    pipes: Pipes = USUAL
    allowance: Allowance | None = None
    """What it may write; a process that writes more is ended."""


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How it went."""

    exit: Exit
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool
    cut: Mapping[str, int]
    orphans: tuple[str, ...]
    terminal: bytes | None = None
    screen: str = ""
    opened_network: bool = False
    overfull: str = ""
    """The allowance, when more was written."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What a program that may still run has brought so far."""

    stdout: bytes
    stderr: bytes
    terminal: bytes | None
    screen: str
    cut: Mapping[str, int]
    ended: bool


class Running(Protocol):
    """A program in the background. Its output is taken at any time, so that it never waits for the harness. Deadlines are times of the clock."""

    @property
    def ended(self) -> bool: ...

    def glance(self) -> Glance: ...

    def watch(self, holds: Callable[[Glance], bool], deadline: float) -> tuple[Glance, bool]:
        """Look whenever there is something new, until it holds, the program has ended, or the deadline comes; the last look, and whether it held."""
        ...

    def signal(self, name: str) -> bool:
        """Send a signal to the process that was started; False when it has ended already."""
        ...

    def type(self, data: bytes, deadline: float) -> bool:
        """Type into its terminal; False when it does not take everything in time."""
        ...

    def end(self, deadline: float) -> ProcessEnd:
        """Wait for its end, force it at the deadline, and clear what it left behind. Says the same when it is asked again."""
        ...


class Spawner(Protocol):
    """Starts processes. Every method raises ``SpawnFault`` when one could not be started or not be ended."""

    def run(self, spec: ProcessSpec) -> ProcessEnd:
        """From the start to the end."""
        ...

    def start(self, spec: ProcessSpec) -> Running:
        """In the background, without a time limit. The caller must bring it to its end."""
        ...
