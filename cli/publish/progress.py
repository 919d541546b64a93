"""What the caller hears while artifacts are made: the name of each step, whether it is built or taken from the cache, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

State = Literal["building", "cached", "done"]


class Progress(Protocol):
    """Receives the steps of a publish in order."""

    def step(self, name: str, state: State, seconds: float = 0.0) -> None:
        """A step begins (`building`), is over (`done`), or was not needed (`cached`)."""


@contextmanager
def stage(progress: Progress, name: str) -> Iterator[None]:
    """Announces a step around the work in its body; a step that fails is never announced as done."""
    progress.step(name, "building")
    started = time.monotonic()
    yield
    progress.step(name, "done", time.monotonic() - started)
