"""The three parsers side by side, and the recorder of the corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from cli.equivalence import catalogue
from cli.equivalence.c_front import build_library
from cli.equivalence.corpus import Record, load_vectors
from cli.equivalence.python_parser import PythonParser
from cli.equivalence.surroundings import described
from cli.equivalence.twin import Twin
from cli.equivalence.vector import Seen, Vector, differing
from cli.generator.model import Command
from cli.generator.reading import read_application

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
DATA = ROOT / "cli" / "tests" / "vectors"
CORPUS = DATA / "corpus.jsonl"
FOUND = DATA / "found.jsonl"


class Parser(Protocol):
    """Something that reads argument vectors."""

    name: str

    def look(self, vector: Vector) -> Seen: ...


@dataclass(frozen=True, slots=True)
class Parsers:
    """The reference, and the parsers that must equal it."""

    twin: Parser
    others: tuple[Parser, ...]

    def compare(self, vector: Vector) -> tuple[Seen, list[str]]:
        """What the twin made of `vector`, and one line for each thing in which a parser differs from that."""
        expected = self.twin.look(vector)
        return expected, self.against(expected, vector)

    def against(self, expected: Seen, vector: Vector) -> list[str]:
        """One line for each thing in which a parser differs from what is expected of it."""
        return [line for parser in self.others for line in differing(parser.name, expected, parser.look(vector))]


@contextmanager
def parsers(place: Path) -> Iterator[Parsers]:
    """All three in this process, with surroundings that a vector describes; the C front is compiled into `place`."""
    front = build_library(place, CACHE)
    with described() as surroundings:
        yield Parsers(Twin(surroundings), (PythonParser(surroundings), front))


@cache
def command_tree() -> Mapping[str, Command]:
    """Path → command of the declaration."""
    return {command.path: command for command in read_application().commands}


def record() -> list[Record]:
    """The corpus as the Typer twin answers it now."""
    listed = catalogue.vectors(command_tree(), load_vectors(FOUND))
    with described() as surroundings:
        twin = Twin(surroundings)
        return [Record(vector, twin.look(vector), subject) for vector, subject in listed.items()]
