"""The front of the native program as a library of this machine, loaded into this process: the same C, asked a million times a minute.

What a character is (printable, a letter, a digit) the library takes from the interpreter that loads it, as the native program
takes it from the interpreter it carries.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.publish.answers import constant_answers
from cli.publish.cache import workspace
from cli.publish.compile import OWN_WARNINGS
from cli.publish.front_sources import LIBRARY, FrontTables, place_sources
from cli.publish.gate import Gate, read_allowed
from cli.publish.staging import stage_package
from cli.publish.toolchain import zig
from cli.publish.tools import Tools

FILE = "omnirelay-front.so"
VERSION = "3.13.5"
BUILD_ID = "library"
_ROOM = 16 * 1024

Value = str | bool | int | tuple[str, ...] | None


def build(place: Path, cache: Path) -> Path:
    """Compiles the library into `place`, with the committed tables; `cache` is that of publish."""
    tools = Tools(Gate(read_allowed()), place / "logs", cache)
    with workspace(place) as work:
        package = stage_package(work, kind="native", target="linux-x64", build_id=BUILD_ID)
        place_sources(FrontTables(constant_answers(package, VERSION, tools)), work)
        options = ("-shared", "-fPIC", "-O2", "-g0", "-fno-sanitize=undefined", "-std=c11", *OWN_WARNINGS)
        tools.run("front-library", [zig(), "cc", *options, *LIBRARY, "-o", FILE], ours=True, cwd=work)
        return (work / FILE).rename(place / FILE)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the front made of one argument vector; `values` of a verb, also of one that it answered itself."""

    action: str
    exit_code: int
    path: str
    gear: str
    stdout: bytes
    stderr: bytes
    values: dict[str, Value]
    given: frozenset[str]


class Front:
    """The loaded library."""

    def __init__(self, library: Path) -> None:
        self._look = ctypes.CDLL(str(library)).front_look
        self._look.restype = ctypes.c_size_t
        self._look.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p, ctypes.c_size_t,
        ]  # fmt: skip
        self._room = ctypes.create_string_buffer(_ROOM)

    def look(self, words: Sequence[str], *, columns: str | None = None, terminal_columns: int = 0, terminals: Collection[int] = ()) -> Looked:
        """Reads `words` with COLUMNS set to `columns`, standard output on a terminal of that width (0: none), `terminals` being terminals."""
        block = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)
        width = None if columns is None else columns.encode("utf-8", "surrogateescape")
        bits = sum(1 << descriptor for descriptor in terminals)
        while True:
            size = self._look(block, len(block), width, terminal_columns, bits, self._room, len(self._room))
            if not size:
                raise MemoryError
            if size <= len(self._room):
                return looked(ctypes.string_at(self._room, size))
            self._room = ctypes.create_string_buffer(size)


def looked(fields: bytes) -> Looked:
    """The answer in the bytes that `front_look` wrote."""
    action, code, path, gear, stdout, stderr, *rest = fields.split(b"\0")[:-1]
    values: dict[str, Value] = {}
    given = set()
    left = iter(rest)
    for raw in left:
        name = raw.decode()
        if next(left) == b"c":
            given.add(name)
        values[name] = _value(left)
    return Looked(action.decode(), int(code), path.decode(), gear.decode(), stdout, stderr, values, frozenset(given))


def _value(left: Iterator[bytes]) -> Value:
    kind, count = next(left), int(next(left))
    texts = tuple(next(left).decode("utf-8", "surrogateescape") for _ in range(count))
    if kind == b"w":
        return texts
    if kind == b"i":
        return int(texts[0])
    return texts[0] if kind == b"s" else {b"n": None, b"f": False, b"t": True}[kind]
