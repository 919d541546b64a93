"""The C front as a program for Windows, compiled here, with the programs that ask it: kept under the digest of what they are made from.

Its sources are those of the win-x64 artifact: rules, system and command line. Only the interpreter is left out, so that what a character is
comes from the interpreter that builds it.
"""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.equivalence import characters
from cli.equivalence.parsers import CACHE, ROOT
from cli.equivalence.sanitized import DRIVERS as REPLAY
from cli.publish.answers import constant_answers
from cli.publish.cache import Cache
from cli.publish.compile import OWN_WARNINGS
from cli.publish.digests import file_digest, key_of, sources_digest
from cli.publish.front_library import VERSION
from cli.publish.front_sources import FRONT, LIBRARY, TABLES, WINDOWS_PROGRAM, FrontTables, place_sources
from cli.publish.gate import Gate, read_allowed
from cli.publish.staging import package_digest, stage_package
from cli.publish.targets import TARGETS
from cli.publish.toolchain import LINK_MODE, compiler, package_version
from cli.publish.tools import Tools

DRIVERS = ROOT / "cli" / "tests" / "windows"
TARGET = TARGETS["win-x64"]
PROGRAM = TARGET.executable
BUILD_ID = "windows-front"
_ANSWERS = "answers.json"
_DRIVERS = ("front_program.c", "binary_streams.c", "launch.c", "runtime_words.c")
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    PROGRAM: ("front_program.c", "characters.c", *WINDOWS_PROGRAM),
    "replay.exe": ("replay.c", "binary_streams.c", "characters.c", *LIBRARY),
    "launch.exe": ("launch.c", "binary_streams.c", "-municode"),
    "runtime_words.exe": ("runtime_words.c", "-municode"),
}
"""Program → what it is compiled from."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The built programs, side by side, and the answers that were compiled into the front."""

    place: Path
    answers: Mapping[str, str]

    @property
    def constants(self) -> dict[bytes, str]:
        """What eager options print → their actions."""
        return {self.answers[action].encode(): action for action in ("version", "artifact-info")}


def build() -> Programs:
    """The programs, from the cache or compiled now."""
    key = key_of(
        {
            "recipe": file_digest(Path(__file__)),
            "characters": file_digest(Path(characters.__file__)),
            "unicode": unicodedata.unidata_version,
            "zig": package_version("ziglang"),
            "compiler": repr([*compiler(TARGET)[1:], *LINK_MODE, *OWN_WARNINGS]),
            "drivers": sources_digest(DRIVERS, (".c",)),
            "replay": file_digest(REPLAY / "replay.c"),
            "rules": sources_digest(FRONT, (".c", ".h")),
            "tables": file_digest(TABLES),
            "package": package_digest(),
        }
    )
    place = Cache(CACHE).make(BUILD_ID, key, _compile)
    return Programs(place, json.loads((place / _ANSWERS).read_text(encoding="utf-8")))


def _compile(made: Path) -> None:
    tools = Tools(Gate(read_allowed()), CACHE / "logs" / BUILD_ID, CACHE)
    work = made / "work"
    work.mkdir()
    answers = constant_answers(stage_package(work, kind="native", target=TARGET.name, build_id=BUILD_ID), VERSION, tools)
    place_sources(FrontTables(answers), work)
    for path in (*(DRIVERS / name for name in _DRIVERS), REPLAY / "replay.c"):
        shutil.copyfile(path, work / path.name)
    (work / "characters.c").write_text(characters.source(), encoding="ascii")
    for program, sources in _PROGRAMS.items():
        command: list[str | Path] = [*compiler(TARGET), *LINK_MODE, "-std=c11", *OWN_WARNINGS, *sources, "-o", program]
        tools.run(Path(program).stem, command, ours=True, cwd=work)
        (work / program).rename(made / program)
    (made / _ANSWERS).write_text(json.dumps(answers), encoding="utf-8")
    shutil.rmtree(work)
