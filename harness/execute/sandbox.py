"""A place of its own for every cell: a working directory, a home and a directory for temporary files, all empty at the start.

``<cell>/work`` is the working directory and what ``${sandbox}`` stands for; ``<cell>/home`` and ``<cell>/tmp`` lie beside it, so that a listing
of the working directory shows nothing that the scenario did not put there. A cell that leaves its sandbox as empty as it was passes the
directories on to the next one: making and removing four directories costs 0.4 ms on a disk, looking that they are empty 0.02 ms.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from harness.execute.claims import Claim, claim, hold
from harness.execute.inhabitants import end_inhabitants
from harness.execute.removal import remove
from harness.faults import SandboxFault
from harness.model.observation import FileDelta
from harness.model.scenario import SandboxFile
from harness.model.template import Template
from harness.model.trust import trust_file

MAX_ENTRIES: Final = 10_000
_HASHED: Final = 1024 * 1024
_MODE: Final = 0o700
_REMOVED: Final = "was removed"
_PARTS: Final = ("work", "home", "tmp")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The directories of one cell."""

    root: Path

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    def environment(self) -> dict[str, str]:
        """All that a program finds in its environment when a scenario asks for nothing.

        No ``PATH`` (a program that starts others says so in its scenario), no ``TERM`` and no ``NO_COLOR`` (a program that colours the text of a
        pipe is wrong and must be seen to be).
        """
        home = str(self.home)
        return {
            "HOME": home,
            "TMPDIR": str(self.tmp),
            "XDG_CACHE_HOME": f"{home}/.cache",
            "XDG_CONFIG_HOME": f"{home}/.config",
            "XDG_DATA_HOME": f"{home}/.local/share",
            "XDG_STATE_HOME": f"{home}/.local/state",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "80",
        }

    def fill(self, files: tuple[SandboxFile, ...], text: Callable[[Template], str]) -> None:
        """Write what the scenario starts with."""
        for file in files:
            target = self.inside(file.path)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                if file.source is not None:
                    shutil.copy(file.source, target)
                else:
                    target.write_text(text(file.content) if file.content else "", "utf-8", newline="")
            except OSError as error:
                raise SandboxFault(f"cannot write {file.path} into the sandbox: {error}") from error

    def directory(self, relative: str) -> Path:
        """A directory below the working directory; made when it is not there."""
        if relative == ".":
            return self.work
        target = self.inside(relative)
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SandboxFault(f"cannot make the working directory {relative} in the sandbox: {error}") from error
        return target

    def inside(self, relative: str) -> Path:
        """The path in the working directory. A path that leads out of it is refused."""
        target = Path(os.path.normpath(self.work / relative))
        if not target.is_relative_to(self.work):
            raise SandboxFault(f"{relative} leads out of the sandbox; use a relative path without '..'")
        return target

    def entrust(self, server: str, pems: Mapping[str, bytes]) -> None:
        """Put the files of a TLS server where ``harness.model.trust`` says; only their owner may read them, as programs rightly ask of a key."""
        for part, pem in pems.items():
            target = Path(trust_file(self.work, server, part))
            try:
                target.parent.mkdir(mode=_MODE, parents=True, exist_ok=True)
                target.write_bytes(pem)
                target.chmod(0o600)
            except OSError as error:
                raise SandboxFault(f"cannot write {part} of {server} into the sandbox: {error}") from error

    def strays(self) -> frozenset[Stray]:
        """What lies where a program must leave nothing: in the directory for temporary files, in the home, beside both."""
        return frozenset(
            Stray(kind, printable(name))
            for kind, directory in (("temporary", "tmp"), ("home", "home"), ("outside", ""))
            for name in _names(f"{self.root}/{directory}")
            if directory or name not in _PARTS
        )

    def mend(self) -> tuple[str, ...]:
        """Make the directories again that a program has removed, replaced or locked, and those above them; what was wrong with each."""
        above = (("<sandbox>/../..", self.root.parent), ("<sandbox>/..", self.root))
        parts = ((f"<{part}>", self.root / part) for part in _PARTS)
        # What was removed together with all that lies in it is told of that.
        damages = [f"{name} {wrong}" for name, directory in above if (wrong := _mended(directory)) and wrong != _REMOVED]
        return (*damages, *(f"{name} {wrong}" for name, directory in parts if (wrong := _mended(directory))))

    def listing(self) -> Listing:
        """Everything below the working directory as it is now."""
        return Listing.read(self.work)


@dataclass(frozen=True, slots=True)
class Stray:
    """A file or directory that lies where none must be left: ``temporary``, ``home``, or ``outside`` of all that belongs to the program."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything below a directory: relative path to what can be told of an entry, and the directories that hold something."""

    entries: dict[str, tuple[object, ...]]
    folders: frozenset[str]
    obstacle: str = ""
    """Why this is not everything; nothing can be told of changes then, because half a listing tells half the truth."""

    @classmethod
    def read(cls, root: Path) -> Listing:
        entries: dict[str, tuple[object, ...]] = {}
        folders: set[str] = set()
        pending = [("", str(root))]
        while pending:
            prefix, directory = pending.pop()
            try:
                with os.scandir(directory) as found:
                    for entry in islice(found, MAX_ENTRIES + 1):
                        path = prefix + entry.name
                        if entry.is_dir(follow_symlinks=False) and not _is_empty(entry.path):
                            folders.add(f"{path}/")
                            pending.append((f"{path}/", entry.path))
                        else:
                            entries[f"{path}/" if entry.is_dir(follow_symlinks=False) else path] = _fingerprint(entry)
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return cls({}, frozenset(), "directories in the working directory lie deeper than a path can name")
            if len(entries) + len(folders) > MAX_ENTRIES:
                return cls({}, frozenset(), f"more than {MAX_ENTRIES} files in the working directory: too many to say which of them a step has changed")
        return cls(entries, frozenset(folders))

    def delta(self, later: Listing) -> FileDelta:
        """What became of the files. A directory counts only while it is empty; otherwise its content speaks for it."""
        before, after = self.entries, later.entries
        return FileDelta(
            created=_sorted(after.keys() - before.keys() - self.folders),
            modified=_sorted(path for path in after.keys() & before.keys() if after[path] != before[path]),
            deleted=_sorted(before.keys() - after.keys() - later.folders),
        )


def _is_empty(directory: str) -> bool:
    try:
        with os.scandir(directory) as found:
            return next(found, None) is None
    except (FileNotFoundError, PermissionError):
        return True


def printable(name: str) -> str:
    """The name of a file as text: names are bytes, and not all of them are UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(printable(path) for path in paths))


def _names(directory: str) -> list[str]:
    """At most as many names as anybody reads; none of a directory that ``mend`` has to be asked about."""
    with suppress(OSError), os.scandir(directory) as found:
        return [entry.name for entry in islice(found, MAX_ENTRIES)]
    return []


def _mended(directory: Path) -> str:
    """What was wrong with a directory of the sandbox; empty when nothing was."""
    try:
        try:
            found = os.lstat(directory)
        except FileNotFoundError:
            directory.mkdir(mode=_MODE, parents=True, exist_ok=True)
            return _REMOVED
        if not stat.S_ISDIR(found.st_mode):
            directory.unlink()
            directory.mkdir(mode=_MODE)
            return "was replaced by something that is no directory"
        if stat.S_IMODE(found.st_mode) != _MODE:
            directory.chmod(_MODE)
            return f"was given the mode {stat.S_IMODE(found.st_mode):04o}"
    except OSError as error:
        raise SandboxFault(f"cannot put {directory} right, which the program has changed: {error}") from error
    return ""


def _fingerprint(entry: os.DirEntry[str]) -> tuple[object, ...]:
    """Time stamps alone are too coarse: two writes of the same length within one tick of the kernel look alike, so content counts too."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return ("unreadable",)
    if stat.S_ISLNK(found.st_mode):
        return ("link", os.readlink(entry.path))  # noqa: PTH115 - a DirEntry is no Path
    if stat.S_ISDIR(found.st_mode):
        return ("directory", stat.S_IMODE(found.st_mode))
    content: object = found.st_mtime_ns
    if stat.S_ISREG(found.st_mode) and found.st_size <= _HASHED:
        with suppress(PermissionError):
            content = hashlib.blake2b(Path(entry.path).read_bytes()).digest()
    return (found.st_mode, found.st_size, content)


class SandboxRoot:
    """Hands out sandboxes, one at a time; a context manager that leaves nothing behind unless it is told to keep."""

    def __init__(self, place: Claim, *, keep: bool) -> None:
        self.path = place.path
        self._place = place
        self._keep = keep
        self._count = 0
        self._clean: Sandbox | None = None

    @classmethod
    def create(cls, parent: Path | None = None, *, keep: bool = False) -> Self:
        """Below ``parent``, which is the system's directory for temporary files when not given."""
        try:
            return cls(claim(parent, keep=keep), keep=keep)
        except OSError as error:
            raise SandboxFault(f"cannot make a directory for sandboxes in {parent or tempfile.gettempdir()}: {error}") from error

    @contextmanager
    def cell(self) -> Iterator[Sandbox]:
        """A sandbox with empty directories."""
        with suppress(OSError):  # making the sandbox tells what is wrong there
            self._place = hold(self._place)
        sandbox = self._clean or self._make()
        self._clean = None
        try:
            yield sandbox
        finally:
            if not self._keep:
                self._clean = sandbox if _is_pristine(sandbox) else None
                if self._clean is None:
                    _remove(sandbox.root)

    def _make(self) -> Sandbox:
        self._count += 1
        # Always as long as this, because the length of a path may change how a program folds its lines.
        sandbox = Sandbox(self.path / f"c{self._count:07d}")
        try:
            for directory in (sandbox.root, sandbox.work, sandbox.home, sandbox.tmp):
                # A program may have removed even what lies above.
                directory.mkdir(mode=_MODE, parents=True)
        except OSError as error:
            raise SandboxFault(f"cannot make a sandbox in {self.path}: {error}") from error
        return sandbox

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            end_inhabitants(self.path)  # one that was started in the very moment in which the run was interrupted
            if not self._keep or self._count == 0:
                _remove(self.path)
        finally:
            self._place.release()


def _is_pristine(sandbox: Sandbox) -> bool:
    try:
        names = os.listdir(sandbox.root)  # noqa: PTH208 - names, not paths
        if len(names) != len(_PARTS):
            return False
        for part in _PARTS:
            path = f"{sandbox.root}/{part}"
            # A link that took the place of the directory has another mode, and a file cannot be listed.
            if stat.S_IMODE(os.lstat(path).st_mode) != _MODE or not _is_empty(path):
                return False
    except OSError:
        return False
    return True


def _remove(root: Path) -> None:
    try:
        remove(root)
    except OSError as error:
        raise SandboxFault(f"cannot remove the sandbox {root}: {error}; remove it by hand and see who holds it") from error
