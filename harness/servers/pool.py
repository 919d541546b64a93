"""Keeps warm server processes by kind: a scenario leases one, freshly reset, and gives it back, because starting one takes longer than a test."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from harness.servers.client import ServerError, ServerProcess, ServerRefused
from harness.servers.registry import ServerKind, UnknownServerKind, find


class ServerPool:
    """Leases servers one by one; a dead one is replaced; ``close``, or the end of the process, stops all."""

    def __init__(self) -> None:
        self._idle: dict[str, list[ServerProcess]] = {}
        self._leased: set[ServerProcess] = set()
        self._lock = threading.Lock()
        atexit.register(self.close)

    @contextmanager
    def lease(self, use: str, settings: Mapping[str, object]) -> Iterator[ServerProcess]:
        """A server of the kind called ``use`` with a fresh world made from ``settings``, for the time of a block.

        Raises ``ServerRefused`` when the settings are not acceptable, and another ``ServerFault`` when there is no server to be had.
        """
        try:
            kind = find(use)
        except UnknownServerKind as error:
            raise ServerRefused(str(error)) from error
        server = self._take(kind, settings)
        try:
            yield server
        finally:
            self._give_back(server)

    def close(self) -> None:
        """Stops every server, leased or not; the pool can be used again afterwards."""
        with self._lock:
            servers = [*self._leased, *(server for idle in self._idle.values() for server in idle)]
            self._leased.clear()
            self._idle.clear()
        for server in servers:
            server.stop()

    def _take(self, kind: ServerKind, settings: Mapping[str, object]) -> ServerProcess:
        while (server := self._warm(kind)) is not None:
            try:
                server.reset(**settings)
            except ServerRefused:
                self._give_back(server)
                raise
            except ServerError:
                self._discard(server)
            else:
                return server
        return self._fresh(kind, settings)

    def _give_back(self, server: ServerProcess) -> None:
        if not server.alive():
            self._discard(server)
            return
        with self._lock:
            # Not among the leased: the pool was closed meanwhile.
            if server in self._leased:
                self._leased.remove(server)
                self._idle.setdefault(server.kind.name, []).append(server)

    def _warm(self, kind: ServerKind) -> ServerProcess | None:
        """An idle server, dead or alive: the reset that follows finds out."""
        with self._lock:
            idle = self._idle.get(kind.name)
            if not idle:
                return None
            server = idle.pop()
            self._leased.add(server)
            return server

    def _fresh(self, kind: ServerKind, settings: Mapping[str, object]) -> ServerProcess:
        server = ServerProcess.start(kind)
        with self._lock:
            self._leased.add(server)
        try:
            server.reset(**settings)
        except ServerRefused:
            self._give_back(server)
            raise
        except BaseException:
            self._discard(server)
            raise
        return server

    def _discard(self, server: ServerProcess) -> None:
        with self._lock:
            self._leased.discard(server)
        server.stop()
