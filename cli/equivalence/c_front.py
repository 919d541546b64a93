"""The C front of the native program, as a library in this process."""

from __future__ import annotations

from pathlib import Path

from cli.equivalence.vector import Seen, Vector
from cli.publish.front_library import BUILD_ID, VERSION, Front, Looked, build
from omnirelay import _build
from omnirelay._generated import verbs
from omnirelay.commands import artifact_info
from omnirelay.session import Session


class _Library(Session):
    """The build that the library says it is."""

    __slots__ = ()

    @property
    def target(self) -> str:
        return "linux-x64"

    @property
    def build_id(self) -> str:
        return BUILD_ID


class CFront:
    """The very sources of the native program's front."""

    name = "C front"

    def __init__(self, library: Path) -> None:
        self.front = Front(library)
        self.constants = constants()

    def look(self, vector: Vector) -> Seen:
        """What the front makes of `vector`."""
        found = self.front.look(vector.words, columns=vector.columns, terminal_columns=vector.width, terminals=vector.terminals)
        return seen_of(found, self.constants)


def build_library(place: Path, cache: Path) -> CFront:
    """The front, compiled into `place`."""
    place.mkdir(parents=True, exist_ok=True)
    return CFront(build(place, cache))


def constants() -> dict[bytes, str]:
    """What eager options print → their actions."""
    info = artifact_info.text(_Library("native", verbs.PARSER_HASH), VERSION)
    return {(_build.VERSION + "\n").encode(): "version", info.encode(): "artifact-info"}


def seen_of(found: Looked, constants: dict[bytes, str]) -> Seen:
    """The front's answer in the words that all parsers share."""
    out, err = found.stdout.decode("utf-8"), found.stderr.decode("utf-8")
    if found.path:
        values = tuple(sorted(found.values.items()))
        return Seen("run", found.path, values, tuple(sorted(found.given)), out, err, found.exit_code)
    if found.exit_code == 0 and found.stdout in constants:
        return Seen(constants[found.stdout])
    return Seen("answer", stdout=out, stderr=err, code=found.exit_code)
