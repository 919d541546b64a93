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
