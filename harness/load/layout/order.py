"""Which key stands before which: what it is, what is done, under which limits, what must hold, what is kept."""

from __future__ import annotations

from typing import Final

from harness.load.cursor import key_name
from harness.load.layout.tree import Pair, Table
from harness.verbs.call import NAME as CALL
from harness.verbs.registry import VERBS

_SCENARIO: Final = ("format", "title", "why", "covers", "level", "tags", "needs", "include", "timeout", "cwd", "env", "files", "server", "procedure")
TABLES: Final = (*_SCENARIO, "case", "step", "finally")
_STEP_HEAD: Final = ("id", *(verb.name for verb in VERBS), CALL)
_STEP_LIMITS: Final = ("in", "terminal", "needs", "network", "cwd", "env", "stdin", "timeout", "until", "repeat", "retry")
_STEP_END: Final = ("exit", "stdout", "stderr", "screen", "files", "capture", "gather", "gather-check", "budget", "report")
STEP: Final = (*_STEP_HEAD, *_STEP_LIMITS, *_STEP_END)
SERVER: Final = ("use", "data", "generate", "clock", "enums", "tls", "faults", "per")
CASE: Final = ("id",)
PROCEDURE: Final = ("why", "params")


def sort(tables: list[Table]) -> list[Table]:
    """The tables and the pairs of each in their order. What is not known keeps its place behind what is."""
    first, *others = tables
    for table in tables:
        ranks = _ranks(table)
        table.pairs.sort(key=lambda pair, ranks=ranks: _rank(pair, ranks))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    others.sort(key=lambda table: _index(key_name(table.heading[0]), TABLES))
    return [first, *others]


def _ranks(table: Table) -> tuple[str, ...]:
    path = tuple(key_name(part) for part in table.heading)
    match path:
        case ():
            return TABLES
        case ("step",) | ("finally",) | ("procedure", _, "step"):
            return STEP
        case ("server", _):
            return SERVER
        case ("case",):
            return CASE
        case ("procedure", _):
            return PROCEDURE
        case _:
            return ()


def _rank(pair: Pair, ranks: tuple[str, ...]) -> int:
    return _index(key_name(pair.key[0]), ranks)


def _index(name: str, ranks: tuple[str, ...]) -> int:
    return ranks.index(name) if name in ranks else len(ranks)
