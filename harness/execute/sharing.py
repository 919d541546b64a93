"""Servers whose world all cases of a file look at: a step after which that world is another one has a finding, whatever else it did right.

The server itself says which requests changed what it holds. The next cell gets the world as it was in any case; the finding is there because this one
was not as it says it is, and the steps after it would be judged under wrong premises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from harness.compare.text import visible
from harness.execute.services import LeasedServer
from harness.model.step import Step
from harness.model.verdict import Finding

_MOST: Final = 3
"""Changes that a finding tells one by one."""


class SharedServers:
    """Those of a cell, and what is known of their changes."""

    def __init__(self, servers: Mapping[str, LeasedServer]) -> None:
        self._servers = servers
        self._told = dict.fromkeys(self._servers, 0)

    def findings(self, step: Step, normalise: Callable[[str], str]) -> tuple[Finding, ...]:
        """What has been changed since the last time that somebody asked."""
        return tuple(self._findings(step, normalise)) if self._servers else ()

    def _findings(self, step: Step, normalise: Callable[[str], str]) -> Iterator[Finding]:
        for name, server in self._servers.items():
            if not server.alive():  # then this cell comes to no verdict, and for a reason of its own
                continue
            changes = server.changes()
            new = changes[self._told[name] :]
            self._told[name] = len(changes)
            if not new:
                continue
            message = f'H5002 what {name} holds was changed, and per = "file" lets the cases only read it'
            lines = [
                f"+ {change.number}: {change.method} {visible(normalise(change.target))}{' (from a send step)' if change.marked else ''}"
                for change in new[:_MOST]
            ]
            if len(new) > _MOST:
                lines.append(f"… {len(new) - _MOST} more changes")
            yield Finding(step.id, "shared", message, step.position, tuple(lines), "shared")
