"""Starts the reference control plane from plain option values; both ``python -m`` and ``conformance control-plane`` come here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harness.servers.clock import ClockError, parse_clock
from harness.servers.control_plane.enums import EnumForm
from harness.servers.control_plane.gateway import Doors
from harness.servers.control_plane.model import PlaneData, Settings
from harness.servers.control_plane.readers import MAX_DOCUMENT, read_data, read_faults
from harness.servers.control_plane.store import SqliteStore, StoreError
from harness.servers.control_plane.world import Plane
from harness.servers.process import ListenError, listen, port_of, run, url_of
from harness.servers.security import secured
from harness.servers.shapes import ReadError
from harness.servers.tls import TlsError, parse_tls

T = TypeVar("T")


class OptionError(ValueError):
    """An option value cannot be used."""


def serve(
    port: int = 8080,
    admin_port: int = 0,
    data: Path | None = None,
    clock: str = "live",
    store: Path | None = None,
    host: str = "127.0.0.1",
    enums: str = "names",
    faults: Path | None = None,
    tls: str | None = None,
    *,
    exit_with_stdin: bool = False,
) -> int:
    """Serves until told to stop; 0 then, 1 with one ``error:`` line when it cannot start."""
    try:
        settings = Settings(
            clock=parse_clock(clock),
            data=_file(data, read_data) if data else PlaneData(),
            faults=_file(faults, read_faults) if faults else (),
            enums=_enums(enums),
        )
        secure = secured(parse_tls(tls) if tls is not None else None)
        public = listen(host, port)
        # The admin port can change everything, so it is never reachable from elsewhere.
        admin = listen("127.0.0.1", admin_port)
        state = SqliteStore(str(store) if store else None)
    except ClockError as error:
        return _failed(f"--clock: {error}")
    except TlsError as error:
        return _failed(f"--{error}")
    except (OptionError, ReadError, ListenError, StoreError) as error:
        return _failed(str(error))
    try:
        url = url_of(public, secure.scheme)
        doors = Doors(Plane(settings, state), port_of(admin), url)
        run(doors, [(public, secure.context), (admin, None)], {"url": url, "admin": url_of(admin), **secure.ready}, exit_with_stdin=exit_with_stdin)
    finally:
        state.close()
    return 0


def _enums(word: str) -> EnumForm:
    try:
        return EnumForm(word)
    except ValueError:
        raise OptionError(f'--enums: "{word}" is neither "names" nor "numbers"') from None


def _file(path: Path, read: Callable[[bytes, str], T]) -> T:
    try:
        with path.open("rb") as source:
            text = source.read(MAX_DOCUMENT + 1)
    except OSError as error:
        raise OptionError(f"{path}: cannot be read: {error.strerror}") from error
    return read(text, str(path))


def _failed(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 1
