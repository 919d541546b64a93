"""One server process around an ASGI application: bound sockets, one ready line, a clean end by signal or by the end of standard input."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from types import FrameType
from typing import Final

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import Server

from harness.servers.tls_wire import TlsProtocol
from harness.servers.wire import WireProtocol

_KEEP_ALIVE_SECONDS: Final = 130  # as long as the original's server keeps idle connections
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


Listener = tuple[socket.socket, ssl.SSLContext | None]
"""A listening socket, and how TLS is spoken on it; None for a socket without."""


class ListenError(Exception):
    """A port cannot be listened on; the message says which and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on ``host`` and ``port``; port 0 takes a free one."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # The protocol is named because asyncio switches Nagle's delay off only on sockets that say they are TCP.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ListenError(f"cannot listen on {host} port {port}: {what}; give another --host or --port (0 takes a free port)") from error
    return listener


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """The URL at which ``listener`` is reached; an address that means "any" is reached through loopback."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def run(app: ASGIApp, listeners: Sequence[Listener], ready: dict[str, object], *, exit_with_stdin: bool) -> None:
    """Serves until SIGINT, SIGTERM or, if wanted, the end of standard input; prints ``ready`` as one line once it serves."""
    config = Config(
        app,
        http=WireProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        log_level="error",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    asyncio.run(_Server(config, listeners, ready, exit_with_stdin=exit_with_stdin).serve([]))


class _Server(Server):
    """uvicorn's server without its ten wake-ups a second, ended by an event, and leaving with 0 when it was told to stop."""

    def __init__(self, config: Config, listeners: Sequence[Listener], ready: dict[str, object], *, exit_with_stdin: bool) -> None:
        super().__init__(config)
        self._listeners = listeners
        self._ready = ready
        self._exit_with_stdin = exit_with_stdin
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        # uvicorn has one context for all of its sockets, so it gets none of ours and opens nothing.
        await super().startup(sockets)
        for endpoint, context in self._listeners:
            make = self._connection if context is None else partial(TlsProtocol, context, self._connection)
            self.servers.append(await self._loop.create_server(make, sock=endpoint, backlog=self.config.backlog))
        if self._exit_with_stdin:
            threading.Thread(target=self._watch_stdin, daemon=True).start()
        sys.stdout.write(json.dumps({"format": 1, "ready": True, **self._ready, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()

    def _connection(self) -> WireProtocol:
        return WireProtocol(self.config, self.server_state, self.lifespan.state)

    async def main_loop(self) -> None:
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends at once: whoever stops this server has no use for answers under way, and some of them never end on purpose."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the end has already come
                self._loop.call_soon_threadsafe(self._stopped.set)

    def _watch_stdin(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self._stop()
