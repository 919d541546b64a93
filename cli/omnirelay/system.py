"""All access to the operating system except the network and the files in own_files: streams, environment, terminal, clocks, exit.

Written for an interpreter whose library is not there: no `sys.stdout`, no `open`, no codec search. Only UTF-8 is
encoded and decoded here, because only such codecs are found without the codec registry.
"""

from __future__ import annotations

import posix
import time

from omnirelay.faults import StreamFault

STDIN = 0
STDOUT = 1
STDERR = 2

_RETRY_SECONDS = 0.002
_PIECE = 1 << 20

monotonic = time.monotonic


def wall_milliseconds() -> int:
    """Milliseconds since 1970 on the clock that people set: for what outlives the process, and never for time limits."""
    return int(time.time() * 1000)


def encode(text: str) -> bytes:
    """UTF-8; a lone surrogate, which has no UTF-8 form, becomes the six characters of its escape."""
    return text.encode("utf-8", "backslashreplace")


def write(descriptor: int, data: bytes) -> None:
    """Writes all of `data` or raises StreamFault."""
    start = 0
    total = len(data)
    while start < total:
        try:
            start += posix.write(descriptor, data[start : start + _PIECE])
        except BlockingIOError:
            # Somebody made the stream non-blocking; there is no poll in this stage of the interpreter.
            time.sleep(_RETRY_SECONDS)
        except OSError as problem:
            number = problem.errno or 0
            raise StreamFault(descriptor, number, posix.strerror(number)) from None


def read_line(descriptor: int, limit: int) -> str | None:
    """One line without its end, or None at the end of the input; at most `limit` bytes are taken."""
    taken = b""
    while len(taken) < limit:
        try:
            piece = posix.read(descriptor, 1)
        except OSError:
            piece = b""
        if piece == b"\n":
            return taken.decode("utf-8", "replace")
        if not piece:
            return taken.decode("utf-8", "replace") if taken else None
        taken += piece
    return taken.decode("utf-8", "replace")


def variable(name: str) -> str | None:
    """The value of an environment variable, or None."""
    value: bytes | None = posix.environ.get(name.encode("ascii"))
    return None if value is None else value.decode("utf-8", "surrogateescape")


def is_terminal(descriptor: int) -> bool:
    """Whether a stream is a terminal; a closed stream is none."""
    return posix.isatty(descriptor)


def columns() -> int:
    """The width to lay text out for: COLUMNS, else the terminal's, else 80."""
    text = variable("COLUMNS")
    width = 0
    if text is not None:
        try:
            width = int(text)
        except ValueError:
            width = 0
    if width <= 0:
        try:
            width = posix.get_terminal_size(STDOUT).columns
        except OSError:
            width = 0
    return width or 80


def target() -> str:
    """The platform this process runs on, in the words of the artifact ids."""
    facts = posix.uname()
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(facts.machine, facts.machine)
    return facts.sysname.lower() + "-" + machine


def leave(code: int) -> None:
    """Ends the process at once; nothing is buffered, so nothing is lost."""
    posix._exit(code)
