"""A server that timed programs talk to, as a process of its own: started, made ready, set to its declared state, and always stopped."""

from __future__ import annotations

import http.client
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO
from urllib.parse import urlsplit

from harness.perf.configuration import Server, substitute
from harness.perf.errors import ServerError

START_LIMIT = 30.0
STOP_LIMIT = 5.0
LINE_LIMIT = 64 * 1024


@contextmanager
def running(server: Server, cwd: Path) -> Iterator[str]:
    """The address of the started server; it ends with the block, and with this process should that be killed (its stdin closes)."""
    argv = [substitute(part, {"python": sys.executable}) for part in server.argv]
    with TemporaryFile() as complaint:
        try:
            process = subprocess.Popen(argv, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaint, start_new_session=True)
        except OSError as error:
            raise ServerError(f"server {server.id!r}: {argv[0]} cannot be started: {error.strerror}") from None
        try:
            ready = _ready(server, process, complaint)
            if server.reset is not None:
                _reset(server, str(ready.get("admin")))
            yield str(ready["url"])
        finally:
            _stop(process)


def _ready(server: Server, process: subprocess.Popen[bytes], complaint: IO[bytes]) -> Mapping[str, object]:
    assert process.stdout is not None
    line = b""
    ends = monotonic() + START_LIMIT
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if len(line) > LINE_LIMIT or not selector.select(max(0.0, ends - monotonic())):
                raise ServerError(f"server {server.id!r} printed no ready line within {START_LIMIT:g} s{_said(complaint)}")
            part = os.read(process.stdout.fileno(), 4096)
            if not part:
                raise ServerError(f"server {server.id!r} ended before it was ready{_said(complaint)}")
            line += part
    try:
        ready = json.loads(line)
    except (ValueError, RecursionError):
        ready = None
    if not isinstance(ready, dict) or ready.get("ready") is not True or not isinstance(ready.get("url"), str):
        raise ServerError(f"server {server.id!r} printed something else than its ready line: {line[:200]!r}")
    return ready


def _reset(server: Server, admin: str) -> None:
    parts = urlsplit(admin)
    if parts.scheme != "http" or not parts.hostname:
        raise ServerError(f"server {server.id!r} has a declared state but gave no admin address")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=START_LIMIT)
    try:
        connection.request("POST", "/reset", body=json.dumps(server.reset), headers={"content-type": "application/json"})
        answer = connection.getresponse()
        body = answer.read(LINE_LIMIT)
    except (OSError, http.client.HTTPException) as error:
        raise ServerError(f"server {server.id!r}: POST /reset failed: {error}") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise ServerError(f"server {server.id!r} refused its declared state with {answer.status}: {body[:300].decode('utf-8', 'replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.terminate()
    try:
        process.wait(timeout=STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _said(complaint: IO[bytes]) -> str:
    complaint.seek(0)
    text = complaint.read(2000).decode("utf-8", "replace").strip()
    return f"; it said: {text}" if text else ""
