"""Becomes another program that cannot open internet sockets: ``python no_network.py PROGRAM [ARGUMENT…]``.

The program keeps the process number, the environment and the descriptors that this one was given. Only modules that are quick to import are
used here: this runs before every program that is started so.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The architecture as the kernel's audit names it, and the number of ``socket``."""
NOT_STARTED = 126
PREFIX = "no network: "

_ALLOW, _KILL_PROCESS, _NO_SUCH_CALL = 0x7FFF0000, 0x80000000, 0x00050000 | 38
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_IO_URING_SETUP = 425
_X32 = 0x40000000
_AF_INET, _AF_INET6 = 2, 10
_IGNORED = (13, 25)
"""SIGPIPE and SIGXFSZ, on both machines."""
_SET_NO_NEW_PRIVILEGES, _SET_FILTER, _FILTER = 38, 22, 2


def instructions(architecture: int, socket: int) -> Iterator[tuple[int, int, int, int]]:
    """The filter: operation, how far to go when it holds, how far when not, operand."""
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _IF_EQUAL, 0, 7, architecture
    yield _LOAD, 0, 0, _NUMBER
    yield _IF_AT_LEAST, 5, 0, _X32
    yield _IF_EQUAL, 6, 0, _IO_URING_SETUP  # it could open sockets past this filter; programs do without where it is missing
    yield _IF_EQUAL, 0, 4, socket
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _IF_EQUAL, 1, 0, _AF_INET
    yield _IF_EQUAL, 0, 1, _AF_INET6
    yield _RETURN, 0, 0, _KILL_PROCESS
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _NO_SUCH_CALL


def close_network() -> None:
    """From here on opening an internet socket ends this process. Cannot be undone."""
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions(*MACHINES[os.uname().machine]))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, None, 0, 0) or libc.prctl(_SET_FILTER, _FILTER, program, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main(argv: list[str]) -> int:
    # What the interpreter found in its environment, not what it made of it.
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - pathlib takes longer to import than the rest of this program
        block = file.read()
    environment = dict(pair.split(b"=", 1) for pair in block.split(b"\0") if b"=" in pair)
    # The interpreter ignores these two, and a program inherits that.
    libc = ctypes.CDLL(None)
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    for ignored in _IGNORED:
        libc.signal(ignored, None)
    try:
        close_network()
        os.execve(argv[0], argv, environment)
    except OSError as error:
        sys.stderr.write(f"{PREFIX}cannot start {argv[0]}: {error.strerror}\n")
    return NOT_STARTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
