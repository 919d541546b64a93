"""What a step really did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: an exit code, or the name of the signal that ended it (``TERM``), never both."""

    code: int | None = None
    signal: str | None = None

    def __str__(self) -> str:
        return f"signal {self.signal}" if self.signal else f"exit {self.code}"


@dataclass(frozen=True, slots=True)
class FileDelta:
    """Relative POSIX paths in the sandbox that differ after the step, sorted."""

    created: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """Raw outcome of one step, before anything is normalised or judged."""

    step: str
    argv: tuple[str, ...] = ()
    exit: Exit | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    terminal: bytes | None = None
    """Everything that came over the terminal of a program that has one; its two streams are empty then."""
    screen: str = ""
    """What that terminal showed: lines without their trailing blanks, and no empty ones at the end."""
    seconds: float = 0.0
    timed_out: bool = False
    limit: str = ""
    """Which time limit applied and who set it, such as ``10 s (step)``."""
    cut: Mapping[str, int] = field(default_factory=dict)
    """Stream name to the number of bytes that were dropped beyond the output limit."""
    files: FileDelta = FileDelta()
    orphans: tuple[str, ...] = ()
    """Processes of the step that outlived it and were killed."""
    attempts: int = 1
    opened_network: bool = False
    """It was ended because it opened an internet socket, and must not."""
    overfull: str = ""
    """What it was allowed to write, when it wrote more and was ended; or why its files could not be listed."""

    def streams(self) -> tuple[tuple[str, bytes], ...]:
        """The raw output by name: what a file that keeps it is called, and its bytes."""
        if self.terminal is not None:
            return (("terminal", self.terminal),)
        return (("stdout", self.stdout), ("stderr", self.stderr))
