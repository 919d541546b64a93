"""Records every request that a server gets, as received: header case and order, body bytes, connection, and what it was answered with."""

from __future__ import annotations

import base64
import contextlib
from dataclasses import dataclass
from typing import Final

from harness.model.traffic import Exchange, StateChange, is_marked
from harness.servers.exchanges import exchange_to_json
from harness.servers.tap import Answer, AnswerStore
from harness.strict_json import JsonTextError, parse

MAX_REQUESTS: Final = 100_000
MAX_BODY: Final = 4 * 1024 * 1024
MAX_KEPT: Final = 256 * 1024 * 1024
MAX_CHANGES: Final = 1000


@dataclass(slots=True)
class Received:
    """One request. Body and status are filled in as they come; ``status`` stays absent when no HTTP answer was begun."""

    number: int
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    connection: int
    answer: Answer
    body: bytes = b""
    status: int | None = None
    changed: bool = False
    """It changed what the server holds."""

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def document(self) -> dict[str, object]:
        """The entry as the admin port shows it; ``json`` is there only when the body is JSON."""
        entry: dict[str, object] = {
            "n": self.number,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self._text(),
            "body_base64": base64.b64encode(self.body).decode("ascii"),
            "connection": self.connection,
            "status": self.status,
        }
        if self.body:
            with contextlib.suppress(JsonTextError):  # a body that is not JSON simply has no "json"
                entry["json"] = parse(self.body, MAX_BODY)
        return entry

    def exchange(self) -> Exchange:
        """The request with the raw bytes of its answer."""
        answer = self.answer
        return Exchange(self.method, self.target, self.headers, self.body, answer.pieces(), answer.ending, answer.cut, self.changed)

    def _text(self) -> str | None:
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            return None


class Recorder:
    """Numbers requests in the order of their arrival and connections in the order of their first request, both from 1."""

    def __init__(self) -> None:
        self._entries: list[Received] = []
        self._connections: dict[int, int] = {}
        self._count = 0
        self._kept = 0
        self._dropped = 0
        self._answers = AnswerStore()
        self._changes: list[StateChange] = []

    def open(self, method: str, target: tuple[str, str], headers: tuple[tuple[str, str], ...], connection: int) -> Received:
        """A new entry for a request to ``target`` (path and query) on the connection with this process-wide identity."""
        self._count += 1
        number = self._connections.setdefault(connection, len(self._connections) + 1)
        entry = Received(self._count, method, *target, headers, number, Answer(self._answers))
        self._entries.append(entry)
        if len(self._entries) > MAX_REQUESTS:
            self._drop()
        return entry

    def keep_body(self, entry: Received, body: bytes) -> None:
        """Keeps the body; the oldest entries go when all bodies together pass a limit."""
        entry.body = body
        self._kept += len(body)
        while self._kept > MAX_KEPT and len(self._entries) > 1:
            self._drop()

    def note_change(self, entry: Received) -> None:
        """The request has changed what the server holds. Kept apart from the entries, so that no flood of later requests makes it forgotten."""
        if not entry.changed and len(self._changes) < MAX_CHANGES:
            self._changes.append(StateChange(entry.number, entry.method, entry.target, is_marked(entry.headers)))
        entry.changed = True

    def changes(self) -> tuple[StateChange, ...]:
        """The first of the requests that changed something, in the order in which they did."""
        return tuple(self._changes)

    def document(self) -> dict[str, object]:
        """All entries; ``dropped`` says how many older ones were given up for the limits."""
        return {"format": 1, "dropped": self._dropped, "requests": [entry.document() for entry in self._entries]}

    def exchanges(self) -> tuple[Exchange, ...]:
        """All requests with their answers."""
        return tuple(entry.exchange() for entry in self._entries)

    def traffic(self) -> dict[str, object]:
        """The same as a document; ``dropped`` as in the other one."""
        return {"format": 1, "dropped": self._dropped, "exchanges": [exchange_to_json(exchange) for exchange in self.exchanges()]}

    def _drop(self) -> None:
        self._kept -= len(self._entries.pop(0).body)
        self._dropped += 1
