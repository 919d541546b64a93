"""Keeps warm server processes: a scenario leases one, freshly reset, and gives it back, because starting one takes longer than a test.

Servers are told apart by their kind and by how they speak TLS, which no reset changes. Only so many wait idle; the one that waited longest goes first.
A server that several leases share stays apart from the idle ones, with its data in place, until its share ends.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from harness.servers.client import ServerError, ServerProcess, ServerRefused
from harness.servers.registry import ServerKind, UnknownServerKind, find
from harness.servers.tls import Tls, TlsError, read_tls

MOST_IDLE: Final = 6
_DATA: Final = frozenset({"data", "generate"})
"""Settings that say what a server holds; the others say how it behaves."""


class ServerPool:
    """Leases servers one by one; a dead one is replaced; ``close``, or the end of the process, stops all."""

    def __init__(self) -> None:
        self._idle: list[ServerProcess] = []
        """The one that was used last stands last."""
        self._leased: set[ServerProcess] = set()
        self._shared: dict[tuple[str, str], ServerProcess] = {}
        """These count as leased, also between two leases."""
        self._lock = threading.Lock()
        atexit.register(self.close)

    @contextmanager
    def lease(self, use: str, settings: Mapping[str, object], shared: tuple[str, str] | None = None) -> Iterator[ServerProcess]:
        """A server of the kind called ``use`` with a fresh world made from ``settings``, for the time of a block.

        Leases of one share, which all have the same data and the same TLS, get one server whose data is made once.
        Raises ``ServerRefused`` when the settings are not acceptable, and another ``ServerFault`` when there is no server to be had.
        """
        try:
            kind = find(use)
            tls = read_tls(settings["tls"]) if "tls" in settings else None
        except (UnknownServerKind, TlsError) as error:
            raise ServerRefused(str(error)) from error
        world = {key: value for key, value in settings.items() if key != "tls"}
        server = self._take(kind, tls, world) if shared is None else self._join(shared, kind, tls, world)
        try:
            yield server
        finally:
            if shared is None or not server.alive():
                self._give_back(server)

    def end_shared(self) -> None:
        """Ends every share: its data is dropped, its server is as good as any other."""
        shared = list(self._shared.values())
        self._shared.clear()
        for server in shared:
            try:
                server.reset()
            except ServerError:
                self._discard(server)
            else:
                self._give_back(server)

    def close(self) -> None:
        """Stops every server, leased or not; the pool can be used again afterwards."""
        with self._lock:
            servers = [*self._leased, *self._idle]
            self._leased.clear()
            self._idle.clear()
            self._shared.clear()
        for server in servers:
            server.stop()

    def _join(self, shared: tuple[str, str], kind: ServerKind, tls: Tls | None, settings: Mapping[str, object]) -> ServerProcess:
        server = self._shared.get(shared)
        if server is not None:
            try:
                server.again(**{key: value for key, value in settings.items() if key not in _DATA})
            except ServerRefused:
                raise
            except ServerError:
                del self._shared[shared]
                self._discard(server)
            else:
                return server
        server = self._shared[shared] = self._take(kind, tls, settings)
        return server

    def _take(self, kind: ServerKind, tls: Tls | None, settings: Mapping[str, object]) -> ServerProcess:
        while (server := self._warm(kind, tls)) is not None:
            try:
                server.reset(**settings)
            except ServerRefused:
                self._give_back(server)
                raise
            except ServerError:
                self._discard(server)
            else:
                return server
        return self._fresh(kind, tls, settings)

    def _give_back(self, server: ServerProcess) -> None:
        if not server.alive():
            self._discard(server)
            return
        with self._lock:
            # Not among the leased: the pool was closed meanwhile.
            if server in self._leased:
                self._leased.remove(server)
                self._idle.append(server)
            surplus = self._idle.pop(0) if len(self._idle) > MOST_IDLE else None
        if surplus is not None:
            surplus.stop()

    def _warm(self, kind: ServerKind, tls: Tls | None) -> ServerProcess | None:
        """An idle server, dead or alive: the reset that follows finds out."""
        with self._lock:
            server = next((server for server in reversed(self._idle) if server.kind == kind and server.tls == tls), None)
            if server is not None:
                self._idle.remove(server)
                self._leased.add(server)
            return server

    def _fresh(self, kind: ServerKind, tls: Tls | None, settings: Mapping[str, object]) -> ServerProcess:
        server = ServerProcess.start(kind, tls=tls)
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
