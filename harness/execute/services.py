"""What a cell needs from outside, each behind a small protocol, so that ``run_cell`` itself touches nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

from harness.execute.clock import Clock, SystemClock
from harness.execute.process import Spawner
from harness.execute.sandbox import SandboxRoot
from harness.model.artifact import Artifact
from harness.model.traffic import Exchange, StateChange
from harness.transport.base import Transport
from harness.transport.registry import transport_for
from harness.verbs.base import ServerHandle

OUTPUT_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of each stream that are kept; what comes after them is read, counted and dropped."""

DISK_LIMIT: Final = 1024 * 1024 * 1024
"""Bytes that a process may write into its sandbox."""
ENTRY_LIMIT: Final = 200_000
"""Files and directories that it may make there."""


Share = tuple[str, str]
"""A scenario, and the name of a server that all of its cases share."""


class LeasedServer(ServerHandle, Protocol):
    """A server that belongs to one cell until the lease ends."""

    def alive(self) -> bool: ...

    @property
    def trust(self) -> Mapping[str, bytes]:
        """What programs need for its TLS, as PEM under the names of ``harness.model.trust``; nothing without TLS."""
        ...

    def changes(self) -> tuple[StateChange, ...]:
        """The requests since the lease began that changed what the server holds, as it says itself."""
        ...

    def traffic(self) -> tuple[Exchange, ...]:
        """Every request since the lease began with the raw bytes of its answer."""
        ...


class ServerLender(Protocol):
    """Lends servers to cells. Every lease starts with fresh state and an empty recording."""

    def lease(self, use: str, settings: Mapping[str, object], shared: Share | None = None) -> AbstractContextManager[LeasedServer]:
        """Raises ``harness.faults.ServerFault`` when there is none to be had.

        Leases that name the same share, one after the other, get one server whose data is made once; what one of them changes is undone before the
        next. The recording, the faults and their counts are each lease's own.
        """
        ...

    def end_shared(self) -> None:
        """No share that was named will be named again: their data can go."""
        ...


class Goldens(Protocol):
    """Reads the shared expected outputs."""

    def read(self, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """Built once per process and shared by its cells; closed by whoever built its parts."""

    servers: ServerLender
    goldens: Goldens
    sandboxes: SandboxRoot
    spawner: Spawner
    clock: Clock = field(default_factory=SystemClock)
    transport: Callable[[Artifact], Transport] = transport_for
    output_limit: int = OUTPUT_LIMIT
    disk_limit: int = DISK_LIMIT
    entry_limit: int = ENTRY_LIMIT
    record: bool = False
    """Take a record of every cell, not only of those that deviate."""
    environment: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    """What becomes of the environment of a sandbox before the scenario adds its own variables."""
    lenient: Callable[[str], str] | None = None
    """Applied to both sides of a comparison that does not hold as it stands; such a deviation is none if they are equal then."""
    keep: bool = False
    """Leave the sandbox of every cell in place and name it in the result."""
