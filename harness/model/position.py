"""Where something stands in a scenario file, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file: 1-based line and column, and how many characters it covers."""

    path: PurePath
    line: int
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a file somebody wrote: a stable code, the place, what is wrong and the way out."""

    code: str
    position: Position
    message: str
    hint: str = ""
    """What to do, or the nearest right word; empty when there is nothing better to say than the message."""
    source_line: str = ""
    """The line as it stands in the file, shown under the message with a caret."""
    trail: tuple[str, ...] = ()
    """How the reader came to this place, innermost first: ``called from scenarios/unit/a.toml:7:1``."""
