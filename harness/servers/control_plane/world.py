"""The world that requests see, replaced as a whole by a reset, so that nothing of one scenario can reach the next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from harness.servers.control_plane import generate
from harness.servers.control_plane.model import Kind, PlaneData, Settings
from harness.servers.control_plane.node import Inbound, NodeControl
from harness.servers.control_plane.render import peers_body, peers_tail
from harness.servers.control_plane.shards.generate import MadeShards
from harness.servers.control_plane.store import Store
from harness.servers.faults import Fault, FaultPlan
from harness.servers.recorder import Recorder
from harness.servers.wire import Wire


class World:
    """Clock, faults, recording and node of one lease, over the store."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.store = store
        self.clock = settings.clock
        self.enums = settings.enums
        self.faults = FaultPlan(settings.faults)
        self.recorder = Recorder()
        self.inbound = Inbound()
        self.node = NodeControl(store, settings.clock, self.inbound)
        self._tail: bytes | None = None
        self._under_way: dict[asyncio.Task[object], Wire] = {}

    def peers(self) -> bytes | None:
        """The peers' answer; its large part is rendered once, because peers only change with the world."""
        if self._tail is None:
            documents = self.store.peers()
            if documents is None:
                return None
            self._tail = peers_tail(documents)
        return peers_body(self.clock.now(), self._tail)

    @contextmanager
    def request(self, wire: Wire) -> Iterator[None]:
        """The time of one request, which ``end`` can cut short."""
        task = asyncio.current_task()
        assert task is not None  # requests run in tasks of the server
        self._under_way[task] = wire
        try:
            yield
        finally:
            self._under_way.pop(task, None)

    def end(self) -> None:
        """Drops every request under way; none of them touches the store again, since each is cancelled where it waits."""
        for task, wire in list(self._under_way.items()):
            # The connection first: a server that finds a task without an answer on an open connection would make up a 500.
            wire.abort()
            task.cancel()


class Plane:
    """Holds the current world and makes the next one."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.defaults = settings
        self._filled = settings
        """What the store was filled from."""
        self._store = store
        if store.is_new():
            store.replace(_data(settings))
        self.world = World(settings, store)

    def reset(self, settings: Settings) -> None:
        """A fresh world from ``settings``; requests of the old one are dropped."""
        self.world.end()
        self._store.replace(_data(settings))
        self._filled = settings
        self.world = World(settings, self._store)

    def again(self, settings: Settings) -> None:
        """A fresh world over the same data, with the clock, the faults and the enums of ``settings``. What requests of the old one have changed is undone."""
        self.world.end()
        if not self._store.is_untouched():
            self._store.replace(_data(self._filled))
        self.world = World(settings, self._store)

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Other faults in the same world; calls are counted anew."""
        self.world.faults = FaultPlan(faults)


def _data(settings: Settings) -> PlaneData:
    order = settings.generate
    if order is None:
        return settings.data
    moment = settings.clock.now().replace(microsecond=0)
    if order.kind is Kind.SHARDS:
        return replace(settings.data, shards=MadeShards(order.count, order.seed, order.namespaces, moment))
    local = settings.data.local_node_id or generate.local_name(order)
    return replace(settings.data, local_node_id=local, peers=generate.peers(order, local, moment))
