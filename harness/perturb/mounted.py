"""Becomes another program that finds a folder read-only: ``python mounted.py FOLDER PROGRAM [ARGUMENT…]``.

The program keeps the process number, the environment and the descriptors that this one was given. Only modules that are quick to import are
used here: this runs before every program that is started so.
"""

from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREFIX = "read-only home: "
NOT_STARTED = 126

_NEW_NAMESPACE, _NEW_USER = 0x00020000, 0x10000000
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_KEPT = ((2, 2), (4, 4), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))
"""Flags of ``statvfs`` and those of ``mount`` that they correspond to: a remount may not take them away from somebody without rights."""
_IGNORED = (13, 25)
"""SIGPIPE and SIGXFSZ on Linux: the interpreter ignores these two, and a program would inherit that."""


def seal(libc: Any, folder: str) -> None:
    """From here on this process, and whatever it becomes, cannot write below the folder."""
    own = _NEW_NAMESPACE
    if os.getuid() != 0:
        own |= _NEW_USER
    user, group = os.getuid(), os.getgid()
    _call(libc.unshare(own))
    if own & _NEW_USER:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    path = os.fsencode(folder)
    libc.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
    # Nothing of it reaches the namespace that everybody else is in.
    _call(libc.mount(None, b"/", None, _RECURSIVE | _PRIVATE, None))
    _call(libc.mount(path, path, None, _BIND, None))
    found = os.statvfs(folder).f_flag
    kept = sum(flag for there, flag in _KEPT if found & there)
    _call(libc.mount(None, path, None, _REMOUNT | _BIND | _READ_ONLY | kept, None))


def _call(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, text.encode("ascii"))
    os.close(descriptor)


def main(argv: list[str]) -> int:
    # What the interpreter found in its environment, not what it made of it.
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - pathlib takes longer to import than the rest of this program
        block = file.read()
    environment = dict(pair.split(b"=", 1) for pair in block.split(b"\0") if b"=" in pair)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    for ignored in _IGNORED:
        libc.signal(ignored, None)
    folder, *command = argv
    try:
        seal(libc, folder)
        os.execve(command[0], command, environment)
    except OSError as error:
        sys.stderr.write(f"{PREFIX}{folder} cannot be sealed for {command[0]}: {error.strerror}\n")
    return NOT_STARTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
