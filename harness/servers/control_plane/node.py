"""The drain and upgrade state machine of the node (domain 5): one drain at a time, participants in order, exact refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Final

from harness.servers.clock import Clock, wire_instant
from harness.servers.control_plane.model import Disconnect, DrainState, Node, Participant
from harness.servers.control_plane.store import Store

IN_PROGRESS: Final = "Node drain is already in progress."
RESUME_IN_PROGRESS: Final = "Cannot resume while a drain is in progress."
RESUME_AFTER_FAILURE: Final = "Drain previously failed. Restart the process before resuming."
CANCELED: Final = "The operation was canceled."


class Refused(Exception):
    """An invalid operation: 409 with this text as the detail."""


class ParticipantFailed(Exception):
    """A participant failed with an error that is no invalid operation: 500."""


class Abandoned(Exception):
    """The client went away; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The node and its participants at one moment."""

    node: Node
    participants: tuple[Participant, ...]


class Inbound:
    """The gate of the dispatcher's inbound: counts the requests it let in, and is idle when none is under way."""

    def __init__(self) -> None:
        self.active = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def enter(self) -> None:
        self.active += 1
        self._idle.clear()

    def leave(self) -> None:
        self.active -= 1
        if self.active == 0:
            self._idle.set()

    async def idle(self) -> None:
        await self._idle.wait()


class NodeControl:
    """Drains and resumes the one node. Every step is in the store before the next one begins, so that a status request sees it."""

    def __init__(self, store: Store, clock: Clock, inbound: Inbound) -> None:
        self._store = store
        self._clock = clock
        self._inbound = inbound

    def snapshot(self) -> Snapshot:
        return Snapshot(self._store.node(), self._store.participants())

    def draining(self) -> bool:
        """Whether the inbound refuses new requests: from the start of a drain until a resume."""
        return self._store.node().state is not DrainState.ACTIVE

    async def drain(self, reason: str | None, gone: asyncio.Event) -> Snapshot:
        """Drains all participants in order; ``gone`` is set when the client goes away."""
        state = self._store.node().state
        if state is DrainState.DRAINED:
            return self.snapshot()
        if state is DrainState.DRAINING:
            raise Refused(IN_PROGRESS)
        now = self._now()
        node = Node(DrainState.DRAINING, (reason or "").strip() or None, now)
        started = [replace(p, state=DrainState.DRAINING, last_error=None, updated_at=now) for p in self._store.participants()]
        self._store.change(node, list(enumerate(started)))
        for ordinal, participant in enumerate(started):
            if gone.is_set():
                # Noticed between two participants: the node stays in Draining (domain 5).
                raise Abandoned
            await self._drain_one(ordinal, participant, node, gone)
        self._store.change(replace(node, state=DrainState.DRAINED, updated_at=self._now()))
        return self.snapshot()

    async def resume(self) -> Snapshot:
        """Takes a drained node back into service, participant by participant."""
        state = self._store.node().state
        if state is DrainState.DRAINING:
            raise Refused(RESUME_IN_PROGRESS)
        if state is DrainState.FAILED:
            raise Refused(RESUME_AFTER_FAILURE)
        if state is DrainState.DRAINED:
            for ordinal, participant in enumerate(self._store.participants()):
                if self._fails(participant, "resume"):
                    # The node stays Drained, with some participants Active (domain 5).
                    self._store.change(None, [(ordinal, replace(participant, failures=participant.failures + 1))])
                    raise self._programmed(participant)
                self._store.change(None, [(ordinal, replace(participant, state=DrainState.ACTIVE, last_error=None, updated_at=self._now()))])
            self._store.change(Node(DrainState.ACTIVE, None, self._now()))
        return self.snapshot()

    async def _drain_one(self, ordinal: int, participant: Participant, node: Node, gone: asyncio.Event) -> None:
        cancelled = False
        if participant.drain > 0:
            cancelled = await self._interrupted(asyncio.sleep(participant.drain), participant, gone)
        if not cancelled and self._inbound.active:
            cancelled = await self._interrupted(self._inbound.idle(), participant, gone)
        if cancelled:
            self._fail(ordinal, participant, node, CANCELED)
            raise Abandoned
        if self._fails(participant, "drain"):
            error = self._programmed(participant)
            self._fail(ordinal, replace(participant, failures=participant.failures + 1), node, str(error))
            raise error
        self._store.change(None, [(ordinal, replace(participant, state=DrainState.DRAINED, updated_at=self._now()))])

    async def _interrupted(self, work: Coroutine[object, object, None], participant: Participant, gone: asyncio.Event) -> bool:
        """Awaits ``work``; true when the client went away before its end and the participant minds."""
        if participant.on_disconnect is Disconnect.FINISH:
            await work
            return False
        tasks = (asyncio.ensure_future(work), asyncio.ensure_future(gone.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return not tasks[0].done()
        finally:
            for task in tasks:
                task.cancel()

    def _fail(self, ordinal: int, participant: Participant, node: Node, message: str) -> None:
        now = self._now()
        failed = replace(participant, state=DrainState.FAILED, last_error=message, updated_at=now)
        self._store.change(replace(node, state=DrainState.FAILED, updated_at=now), [(ordinal, failed)])

    def _fails(self, participant: Participant, action: str) -> bool:
        failure = participant.failure
        if failure is None or failure.on != action:
            return False
        return failure.times is None or participant.failures < failure.times

    def _programmed(self, participant: Participant) -> Exception:
        failure = participant.failure
        assert failure is not None  # asked only after _fails
        return Refused(failure.message) if failure.status == 409 else ParticipantFailed(failure.message)

    def _now(self) -> str:
        return wire_instant(self._clock.now())
