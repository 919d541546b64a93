"""Where timed runs happen: in which directory, with which environment, and what they read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Place:
    """``workspace`` takes what the harness keeps of the runs; they start in it unless ``directory`` names another one."""

    workspace: Path
    environment: Mapping[str, str]
    directory: Path | None = None
    stdin: Path | None = None
    """A file that every run reads; nothing when absent."""

    @property
    def cwd(self) -> Path:
        return self.directory or self.workspace

    @contextmanager
    def reading(self) -> Iterator[int | IO[bytes]]:
        """What a process of this place has as its standard input."""
        if self.stdin is None:
            yield subprocess.DEVNULL
            return
        with self.stdin.open("rb") as stream:
            yield stream
