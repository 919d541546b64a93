"""Vectors that no scenario can state, run as real processes of the published artifacts: on pseudo-terminals, with bytes that are no text.

Streams that a vector calls terminals are pseudo-terminals of their own in raw mode, so that what arrives is what was written.
"""

from __future__ import annotations

import errno
import fcntl
import os
import selectors
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cli.equivalence.cells import Case, arguments, case_of, runnable
from cli.equivalence.corpus import Record, dump_vector
from cli.equivalence.vector import STDERR, STDOUT, Vector
from cli.publish.manifest import read_manifest

LIMIT = 30.0
_SAY_EVERY = 5.0
_LINES = 24


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process came to."""

    code: int
    stdout: bytes
    stderr: bytes


def left(records: Sequence[Record]) -> list[Record]:
    """The records that no scenario can state."""
    return [record for record in records if not runnable(record.vector)]


def programs(artifacts: Path) -> dict[str, tuple[Path, str]]:
    """Artifact → executable and version, of those that are published for operators."""
    entries = [entry for entry in read_manifest(artifacts).artifacts if not entry.get("development")]
    return {str(entry["id"]): (artifacts.parent / str(entry["path"]), str(entry["version"])) for entry in entries}


def differences(record: Record, program: Path, version: str) -> Iterator[str]:
    """One line for each thing in which a process is not what the corpus says."""
    case = case_of(record, "")
    ended = _run(program, arguments(record), record.vector)
    yield from compared(case, ended, version)


def compared(case: Case, ended: Ended, version: str) -> Iterator[str]:
    """One line for each thing in which what a process came to is not what its case says."""
    # Texts have arrived at a stream already, so that none holds what cannot be encoded.
    stdout = case.stdout.replace("<version>", version) if case.stdout == "<version>\n" else case.stdout
    expected = Ended(case.code, _bytes(stdout), _bytes(case.stderr))
    for field in ("code", "stdout", "stderr"):
        if getattr(ended, field) != getattr(expected, field):
            yield f"{field} is {getattr(ended, field)!r}, expected {getattr(expected, field)!r}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _run(program: Path, words: Sequence[str], vector: Vector) -> Ended:
    environment = {b"LANG": b"C.UTF-8"}
    if vector.columns is not None:
        environment[b"COLUMNS"] = vector.columns.encode("utf-8", "surrogateescape")
    command = [os.fsencode(program), *(word.encode("utf-8", "surrogateescape") for word in words)]
    with ExitStack() as stack:
        ours: dict[int, int] = {}
        theirs: dict[int, int] = {}
        for stream in (STDOUT, STDERR):
            ours[stream], theirs[stream] = terminal(vector.width) if stream in vector.terminals else os.pipe()
            stack.callback(os.close, ours[stream])
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs[STDOUT], stderr=theirs[STDERR], env=environment)
        finally:
            for descriptor in theirs.values():
                os.close(descriptor)
        with process:
            try:
                streams = read_all(ours)
                return Ended(process.wait(LIMIT), streams[STDOUT], streams[STDERR])
            finally:
                process.kill()


def terminal(width: int) -> tuple[int, int]:
    """Both sides of a pseudo-terminal of that width, in raw mode."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, width, 0, 0))
    return ours, theirs


def read_all(streams: dict[int, int]) -> dict[int, bytes]:
    """All that comes until every stream has ended; both at once, because a full one would stop the program."""
    taken: dict[int, bytes] = dict.fromkeys(streams, b"")
    end = time.monotonic() + LIMIT
    with selectors.DefaultSelector() as selector:
        for stream, descriptor in streams.items():
            selector.register(descriptor, selectors.EVENT_READ, stream)
        while selector.get_map():
            for key, _ in selector.select(max(0.0, end - time.monotonic())):
                piece = _piece(key.fd)
                taken[key.data] += piece
                if not piece:
                    selector.unregister(key.fd)
            if time.monotonic() > end:
                raise TimeoutError(f"the program is still writing after {LIMIT:g} s")
    return taken


def _piece(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError as problem:
        # A terminal whose other side is closed has no end of file, it has an error.
        if problem.errno == errno.EIO:
            return b""
        raise


def run(records: Sequence[Record], artifacts: Path) -> int:
    """Every such vector on every artifact, with progress; 0 when all came out as recorded."""
    found = programs(artifacts)
    if not found:
        sys.stderr.write(f"error: {artifacts} lists no artifacts; run conformance publish\n")
        return 1
    chosen = left(records)
    wrong = 0
    for name, (program, version) in found.items():
        said = time.monotonic()
        for number, record in enumerate(chosen, 1):
            for line in differences(record, program, version):
                wrong += 1
                sys.stdout.write(f"{name}: {dump_vector(record.vector)}: {line}\n")
            if time.monotonic() - said >= _SAY_EVERY or number == len(chosen):
                said = time.monotonic()
                sys.stdout.write(f"processes: {name}: {number:,} of {len(chosen):,} vectors\n")
                sys.stdout.flush()
    sys.stdout.write(f"processes: {len(chosen):,} vectors on {len(found)} artifacts, {wrong} differences\n")
    return 1 if wrong else 0
