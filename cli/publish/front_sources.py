"""The C sources of the front: hand-written rules, generated tables, and the answers that are known when a program is built."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.publish.answers import answers_header
from cli.publish.runtime import NATIVE

FRONT = NATIVE / "front"
TABLES = NATIVE / "generated" / "command_tables.h"

RULES = (
    "arena.c", "explain.c", "front.c", "grammar.c", "help_page.c", "suggestions.c", "tables.c", "terminal.c", "text.c", "values.c", "whole_number.c",
)  # fmt: skip
"""What every user of the front compiles."""
PROGRAM = (*RULES, "system.c")
WINDOWS_PROGRAM = (*RULES, "windows_system.c", "windows_words.c")
LIBRARY = (*RULES, "library.c")


@dataclass(frozen=True, slots=True)
class FrontTables:
    """What a front knows of one program: its command tree and its constant answers."""

    answers: Mapping[str, str]
    tables: Path = TABLES


def place_sources(tables: FrontTables, work: Path) -> None:
    """Puts all sources of the front side by side into `work`."""
    for path in sorted(FRONT.glob("*.[ch]")):
        shutil.copyfile(path, work / path.name)
    shutil.copyfile(tables.tables, work / "command_tables.h")
    (work / "answers.h").write_text(answers_header(tables.answers), encoding="utf-8")
