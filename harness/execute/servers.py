"""The servers of the cells of one process: ``harness.servers.pool`` for the time of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.execute.services import ServerLender
from harness.servers.pool import ServerPool


@contextmanager
def open_servers() -> Iterator[ServerLender]:
    """Servers for the cells of one process. None is started before the first lease, all are stopped at the end."""
    pool = ServerPool()
    try:
        yield pool
    finally:
        pool.close()
