"""Starts one server process and steers it over its admin port, synchronously.

ServerError (a ServerFault of the engine: never a failure of the program under test)
├── ServerStartError    the process did not become ready
├── ServerGone          it is not there any more, or does not answer
└── ServerRefused       it refused an order, such as unreadable data: a mistake of the scenario, not of the harness
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from harness.model.reply import Reply
from harness.model.traffic import Exchange, StateChange
from harness.servers.asking import ServerError, ServerGone, ask
from harness.servers.changes import changes_from_json
from harness.servers.exchanges import TrafficError, exchange_from_json
from harness.servers.registry import ServerKind, find
from harness.servers.security import told
from harness.servers.tls import Tls

if TYPE_CHECKING:
    from harness.servers.tls_context import ServerCertificate

__all__ = ["ServerError", "ServerGone", "ServerProcess", "ServerRefused", "ServerStartError"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_TAIL: Final = 4000
_ADMIN_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0


class ServerStartError(ServerError):
    """The process did not become ready."""


class ServerRefused(ServerError):
    """The server refused an order; the message is the server's."""


class ServerProcess:
    """One running server. It ends with ``stop``, or when the process that started it ends, however that happens."""

    def __init__(self, kind: ServerKind, tls: Tls | None, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self.kind = kind
        self.tls = tls
        self.url = ""
        self.trust: Mapping[str, bytes] = {}
        self._certificate: ServerCertificate | None = None
        self._admin = ""
        self._process = process
        self._errors = errors
        self._connection: http.client.HTTPConnection | None = None

    @classmethod
    def start(cls, kind: ServerKind | str, arguments: Sequence[str] = (), *, tls: Tls | None = None, timeout: float = 30.0) -> ServerProcess:
        """Starts a server and waits until it serves, at most ``timeout`` seconds."""
        kind = find(kind) if isinstance(kind, str) else kind
        # A file, not a pipe: nobody reads it while the server runs, and a full pipe would stop the server.
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        command = [sys.executable, "-m", kind.module, "--port", "0", "--admin-port", "0", "--exit-with-stdin", *_secure(tls), *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(),
                # Its own group: an interrupt from the terminal is for the tests, which still need the server to clean up.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            errors.close()
            raise ServerStartError(f"server {kind.name} cannot be started: {error}") from error
        server = cls(kind, tls, process, errors)
        try:
            server._await_ready(timeout)
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def reset(self, **settings: object) -> str:
        """Gives the server a fresh world made from ``settings`` (data, generate, clock, faults, enums, …); the URL to use."""
        return self._begin("/reset", settings)

    def again(self, **settings: object) -> str:
        """The same over the data that it holds: ``settings`` say how it behaves. What requests have changed since the reset is undone."""
        return self._begin("/again", settings)

    def _begin(self, order: str, settings: Mapping[str, object]) -> str:
        url = self._call("POST", order, settings).get("url")
        if not isinstance(url, str):
            raise ServerGone(f"server {self.kind.name} answered {order} without an address")
        self.url = url
        return url

    def set_faults(self, faults: Sequence[Mapping[str, object]]) -> None:
        """Replaces the faults in force; calls are counted anew."""
        self._call("POST", "/faults", list(faults))

    def requests(self) -> list[dict[str, object]]:
        """All requests since the last reset, in the order of their arrival."""
        answer = self._call("GET", "/requests", None)
        requests: list[dict[str, object]] = answer["requests"]
        return requests

    def changes(self) -> tuple[StateChange, ...]:
        """Those of them that changed what the server holds, by its own account; a thousand at most."""
        answer = self._call("GET", "/changes", None)
        try:
            return changes_from_json(answer["changes"])
        except (KeyError, ValueError) as error:
            raise ServerGone(f"server {self.kind.name} tells of its changes in a form that is not understood: {error}") from error

    def traffic(self) -> tuple[Exchange, ...]:
        """All requests since the last reset with the raw bytes of their answers."""
        answer = self._call("GET", "/traffic", None)
        try:
            return tuple(exchange_from_json(item) for item in answer["exchanges"])
        except (KeyError, TypeError, TrafficError) as error:
            raise ServerGone(f"server {self.kind.name} tells of its traffic in a form that is not understood: {error}") from error

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """One request of the harness's own to the public port, on a connection of its own; the server records it like any other."""
        return ask(self.url, self.kind.name, method, path, body, headers, self._certificate)

    def stop(self) -> None:
        """Ends the process and frees what belongs to it; may be called again."""
        self._disconnect()
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        self._errors.close()

    def _await_ready(self, timeout: float) -> None:
        lines: list[bytes] = []

        def read() -> None:
            assert self._process.stdout is not None  # a pipe was asked for
            lines.append(self._process.stdout.readline(65_536))

        # A thread because a pipe cannot be read with a time limit on every platform.
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(timeout)
        if not lines:
            self._process.kill()
            reader.join()
            raise ServerStartError(f"server {self.kind.name} was not ready within {timeout:g} s{self._tail()}")
        try:
            ready = json.loads(lines[0])
            if ready["format"] != 1 or ready["ready"] is not True:
                raise ValueError("another format")
            self.url, self._admin = str(ready["url"]), str(ready["admin"])
            self._certificate, self.trust = told(ready)
        except (ValueError, KeyError, TypeError) as error:
            self._process.kill()
            self._process.wait()
            raise ServerStartError(f"server {self.kind.name} ended or said something else than that it is ready{self._tail()}") from error

    def _call(self, method: str, path: str, order: object) -> dict[str, Any]:
        body = None if order is None else json.dumps(order).encode()
        for attempt in (1, 2):
            try:
                status, text = self._exchange(method, path, body)
                break
            except (OSError, http.client.HTTPException) as error:
                self._disconnect()
                # An idle connection may have been closed meanwhile; every order can safely be given twice.
                if attempt == 2 or isinstance(error, TimeoutError) or not self.alive():
                    raise ServerGone(f"server {self.kind.name} (process {self.pid}) does not answer {path}: {error}{self._tail()}") from error
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise ServerGone(f"server {self.kind.name} answered {path} with something else than JSON (status {status})") from error
        if status != 200:
            raise ServerRefused(str(answer.get("error", f"status {status}")))
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = self._connection
        if connection is None:
            admin = urlsplit(self._admin)
            connection = http.client.HTTPConnection(admin.hostname or "", admin.port, timeout=_ADMIN_SECONDS)
            self._connection = connection
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _tail(self) -> str:
        """The end of what the process wrote to its error stream, as a part of a message."""
        try:
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - _TAIL))
            text = self._errors.read().decode("utf-8", "replace").strip()
        except (OSError, ValueError):
            return ""
        return f"; its error output ends with:\n{text}" if text else "; it wrote nothing to its error stream"


def _secure(tls: Tls | None) -> tuple[str, ...]:
    return () if tls is None else ("--tls", tls.text())


def _environment() -> dict[str, str]:
    """The environment of this process, with the checkout importable wherever the tests were started from."""
    environment = dict(os.environ)
    path = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{_ROOT}{os.pathsep}{path}" if path else str(_ROOT)
    return environment
