"""What the tests of the control plane share: a client that reads the wire exactly, and ways of waiting that do not sleep."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

CLOCK = "2025-01-02T03:04:05Z"
INSTANT = "2025-01-02T03:04:05+00:00"
PATIENCE = 30.0
"""Seconds after which a test gives up; nothing that works comes near it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
    """One request on a connection of its own."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, response.reason, fields, response.read())
    finally:
        connection.close()


def drain(url: str, body: object = None) -> Reply:
    return ask(url, "POST", "/control/upgrade/drain", json.dumps(body or {}).encode(), {"Content-Type": "application/json"})


def connect(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), address.port or 0), timeout=PATIENCE)


@contextlib.contextmanager
def sent(url: str, data: bytes) -> Iterator[socket.socket]:
    """A raw connection on which ``data`` has been sent."""
    with connect(url) as connection:
        connection.sendall(data)
        yield connection


def get(path: str, extra: str = "") -> bytes:
    """A request as text, which closes the connection after its answer only when ``extra`` says so."""
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{extra}\r\n".encode()


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side ends the connection in good order."""
    parts: list[bytes] = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def state_of(url: str) -> dict[str, object]:
    document = ask(url, "GET", "/control/upgrade").json
    assert isinstance(document, dict)
    return document


def until(observe: Callable[[], T], accept: Callable[[T], bool]) -> T:
    """Observes until it is acceptable; each observation asks the server something, so this does not spin idly."""
    end = time.monotonic() + PATIENCE
    while not accept(seen := observe()):
        assert time.monotonic() < end, f"waited in vain; last seen: {seen}"
    return seen


def await_state(url: str, state: str, participants: list[object] | None = None) -> dict[str, object]:
    """Waits until the node, and its participants if given, are in these states."""
    return until(lambda: state_of(url), lambda seen: seen["state"] == state and participants in (None, words(seen)))


def await_active(url: str, count: int) -> None:
    """Waits until so many requests are under way behind the dispatcher's inbound."""
    until(lambda: ask(url, "GET", "/healthz").json, lambda health: isinstance(health, dict) and health["activeRequests"] == count)


def words(document: Mapping[str, object]) -> list[object]:
    """The states of the participants in order."""
    participants = document["participants"]
    assert isinstance(participants, list)
    return [participant["state"] for participant in participants]
