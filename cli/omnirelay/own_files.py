"""Small files that the program keeps for one user, in a folder that nobody else can write to. Everything here fails by giving nothing.

A folder or a file that belongs to somebody else, or that others may write to, is not used: what lies in it could be anybody's. Nothing is
made in the home of another user (as root would do under sudo), who could not use it afterwards.
"""

from __future__ import annotations

import posix

_OTHERS_WRITE = 0o022
_KIND = 0o170000
_FOLDER = 0o040000
_FILE = 0o100000
_PIECE = 65536


class Folder:
    """An open folder of the user's own; close it when done."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        posix.close(self._descriptor)

    def read(self, name: str, limit: int) -> bytes | None:
        """The content of a file, or None when there is none, it is not the user's own, or longer than `limit`."""
        try:
            # Not to wait for the other end where somebody put a pipe there.
            flags = posix.O_RDONLY | posix.O_NOFOLLOW | posix.O_NONBLOCK | posix.O_CLOEXEC
            descriptor = posix.open(name.encode("ascii"), flags, dir_fd=self._descriptor)
        except OSError:
            return None
        try:
            if not _is_own(descriptor, _FILE, alone=True):
                return None
            pieces: list[bytes] = []
            total = 0
            while True:
                piece = posix.read(descriptor, _PIECE)
                if not piece:
                    return b"".join(pieces)
                total += len(piece)
                if total > limit:
                    return None
                pieces.append(piece)
        except OSError:
            return None
        finally:
            posix.close(descriptor)

    def write(self, name: str, data: bytes) -> bool:
        """Puts a file in the place of an earlier one as a whole: who reads meanwhile sees the one or the other. Says whether it did."""
        final = name.encode("ascii")
        new = final + b".new-" + str(posix.getpid()).encode("ascii")
        try:
            flags = posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_NOFOLLOW | posix.O_CLOEXEC
            descriptor = posix.open(new, flags, 0o600, dir_fd=self._descriptor)
        except FileExistsError:
            # Left behind by a process of the same number that was killed: out of the way for the next time.
            self._remove(new)
            return False
        except OSError:
            return False
        try:
            try:
                start = 0
                while start < len(data):
                    start += posix.write(descriptor, data[start:])
            finally:
                posix.close(descriptor)
            posix.replace(new, final, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except OSError:
            self._remove(new)
            return False
        return True

    def _remove(self, name: bytes) -> None:
        try:
            posix.unlink(name, dir_fd=self._descriptor)
        except OSError:
            pass


def cache_folder() -> Folder | None:
    """The folder `omnirelay` in XDG_CACHE_HOME, else in ~/.cache, made when it is missing; None when there can be none."""
    base = posix.environ.get(b"XDG_CACHE_HOME", b"")
    if not base.startswith(b"/"):
        home = posix.environ.get(b"HOME", b"")
        if not home.startswith(b"/"):
            return None
        _make(home, b".cache")
        base = home + b"/.cache"
    else:
        parent, _, last = base.rstrip(b"/").rpartition(b"/")
        if last:
            _make(parent or b"/", last)
    _make(base, b"omnirelay")
    descriptor = _opened(base + b"/omnirelay", alone=True)
    return None if descriptor is None else Folder(descriptor)


def _make(parent: bytes, name: bytes) -> None:
    """Makes a folder, for the user alone, where the parent is the user's own; its group may be one that writes there."""
    descriptor = _opened(parent, alone=False)
    if descriptor is None:
        return
    try:
        posix.mkdir(name, 0o700, dir_fd=descriptor)
    except OSError:
        pass
    finally:
        posix.close(descriptor)


def _opened(path: bytes, alone: bool) -> int | None:
    """A folder of the user's own; with `alone` one that nobody else can write to."""
    try:
        descriptor = posix.open(path, posix.O_RDONLY | posix.O_DIRECTORY | posix.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if _is_own(descriptor, _FOLDER, alone):
        return descriptor
    posix.close(descriptor)
    return None


def _is_own(descriptor: int, kind: int, alone: bool) -> bool:
    try:
        facts = posix.fstat(descriptor)
    except OSError:
        return False
    own = facts.st_mode & _KIND == kind and facts.st_uid == posix.geteuid()
    return own and not (alone and facts.st_mode & _OTHERS_WRITE)
