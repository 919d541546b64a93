"""Programs for Windows, run by wine in a prefix of their own: made for one run, stopped and removed behind it."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.equivalence.processes import Ended, read_all, terminal
from cli.equivalence.vector import STDOUT
from cli.publish.cache import workspace
from cli.publish.locking import exclusive

PACKAGE = "wine64"
LIMIT = 600.0
"""Seconds after which a program, or a whole row of starts, is given up."""
_LINGER = 60
LINES = 24
"""The height of a console; what is shown there must fit, because it is drawn and not written."""
_DRAWN = re.compile(rb"\x1b\[(?:\?25[hl]|K)|\r")
_DEBIAN = Path("/usr/lib/wine")
_NAMES = ("wine64", "wine")
_SERVERS = ("wineserver64", "wineserver")


class WineError(Exception):
    """Wine is missing, or a program in it did not do what it is for; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a program: its whole command line as it stands, and COLUMNS."""

    line: str
    columns: str | None = None


@dataclass(frozen=True, slots=True)
class Wine:
    """A prefix that is ready."""

    program: Path
    environment: Mapping[str, str]

    def run(self, program: Path, words: Sequence[str] = (), *, send: bytes = b"", cwd: Path | None = None) -> bytes:
        """The standard output of a program that is given bytes."""
        command: list[str | Path] = [self.program, program, *words]
        try:
            done = subprocess.run(command, input=send, capture_output=True, env=self.environment, cwd=cwd, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise WineError(f"{program.name} has not ended after {LIMIT:g} s") from None
        if done.returncode:
            raise WineError(f"{program.name} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
        return done.stdout

    def launch(self, launcher: Path, program: Path, starts: Sequence[Start], *, cwd: Path | None = None) -> list[Ended]:
        """What each start of `program` came to."""
        data = self.run(launcher, [windows_path(program)], send=b"".join(_packed(start) for start in starts), cwd=cwd)
        found = list(_ends(data))
        if len(found) != len(starts):
            raise WineError(f"{launcher.name} told of {len(found)} starts of {program.name}, expected {len(starts)}")
        return found

    def onto(self, stdout: int, program: Path, words: Sequence[str]) -> Ended:
        """What a program comes to whose standard output is that descriptor."""
        command: list[str | Path] = [self.program, program, *words]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=self.environment, timeout=LIMIT, check=False
        )  # fmt: skip
        return Ended(done.returncode, b"", done.stderr)

    def on_console(self, program: Path, words: Sequence[str], width: int) -> tuple[int, str]:
        """Exit code, and what is seen on a console of that width, without blanks at the ends of lines."""
        ours, theirs = terminal(width)
        try:
            try:
                process = subprocess.Popen(
                    [self.program, program, *words],
                    stdin=theirs, stdout=theirs, stderr=theirs, env={**self.environment, "TERM": "xterm"}, start_new_session=True,
                )  # fmt: skip
            finally:
                os.close(theirs)
            with process:
                try:
                    drawn = read_all({STDOUT: ours})[STDOUT]
                    code = process.wait(LIMIT)
                finally:
                    process.kill()
        except TimeoutError as problem:
            raise WineError(f"{program.name} on a console: {problem}") from None
        finally:
            os.close(ours)
        return code, without_ends(_DRAWN.sub(b"", drawn).decode("utf-8", "replace"))


def without_ends(text: str) -> str:
    """The text without blanks at the ends of its lines."""
    return "\n".join(line.rstrip(" ") for line in text.split("\n"))


def windows_path(path: Path) -> str:
    """How a file is called in wine: the drive Z: is the root."""
    return "Z:" + str(path.resolve()).replace("/", "\\")


def _packed(start: Start) -> bytes:
    line = start.line.encode("utf-16-le", "surrogatepass")
    columns = None if start.columns is None else start.columns.encode("utf-16-le", "surrogatepass")
    return struct.pack("=ii", len(line) // 2, -1 if columns is None else len(columns) // 2) + line + (columns or b"")


def _ends(data: bytes) -> Iterator[Ended]:
    at = 0
    while at + 12 <= len(data):
        code, out, err = struct.unpack_from("=iII", data, at)
        at += 12
        yield Ended(code, data[at : at + out], data[at + out : at + out + err])
        at += out + err


def _find(names: Sequence[str]) -> Path | None:
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), str(_DEBIAN)))
    found = next((path for name in names if (path := shutil.which(name, path=places))), None)
    return Path(found) if found else None


@contextmanager
def prefix(cache: Path) -> Iterator[Wine]:
    """A fresh prefix below `cache`, until the end of the block. It takes some seconds and 700 MB of disk, which are given back."""
    program, server = _find(_NAMES), _find(_SERVERS)
    if program is None or server is None:
        raise WineError(f"programs for Windows are run by wine, which is not here; install it as root: apt-get install {PACKAGE}")
    place = cache / "wine"
    with exclusive(place / "lock", lambda: print("waiting for another run with wine", file=sys.stderr)), workspace(place) as home:
        environment = _environment(home, server)
        try:
            # It lingers for a while when nothing runs; otherwise it ends at once, and the next program has to boot anew.
            _run_quietly([server, f"-p{_LINGER}"], environment)
            _run_quietly([program, "wineboot", "--init"], environment)
            yield Wine(program, environment)
        finally:
            for how in ("-k", "-w"):
                _run_quietly([server, how], environment)


def _run_quietly(command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    nowhere = subprocess.DEVNULL
    subprocess.run(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment, timeout=LIMIT, check=False)


def _environment(home: Path, server: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "WINEPREFIX": str(home / "prefix"),
        "WINESERVER": str(server),
        "WINEDEBUG": "-all",
        # Not asked for: the browser engine and the runtime of .NET, whose installers would open windows.
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "LC_ALL": "C.UTF-8",
    }
