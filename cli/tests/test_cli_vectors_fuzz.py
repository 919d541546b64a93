"""The differential fuzz of the three parsers, in a size that every run of the tests can bear; `make fuzz-parser` runs a million vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cli.equivalence import fuzz, parsers
from cli.equivalence.corpus import dump_vector
from cli.equivalence.fuzz import REFUSALS, Tally, report, run_piece
from cli.equivalence.parsers import Parser, Parsers
from cli.equivalence.shrink import shrink
from cli.equivalence.vector import Seen, Vector

SEED = 20250102
PIECES = 4
MODEL = parsers.command_tree()


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parsers]:
    with parsers.parsers(tmp_path_factory.mktemp("front")) as found:
        yield found


def test_random_vectors_are_read_alike(ready: Parsers) -> None:
    tally = Tally()
    for number in range(PIECES):
        tally.add(run_piece(ready, SEED, number))
    assert not tally.differences, [(dump_vector(difference.vector), difference.lines) for difference in tally.differences]
    assert tally.vectors == PIECES * fuzz.PIECE
    # The vectors reach every verb, every action and every kind of refusal; otherwise this proves little.
    verbs = {path for path, command in MODEL.items() if command.work}
    assert set(tally.reached) >= verbs | {"version", "artifact-info", "answer"} | set(REFUSALS)


@dataclass(frozen=True, slots=True)
class Careless:
    """A parser that takes -y for an option with a value."""

    parser: Parser
    name: str = "careless parser"

    def look(self, vector: Vector) -> Seen:
        seen = self.parser.look(vector)
        return replace(seen, code=seen.code + 1) if "-y" in vector.words else seen


def test_a_difference_is_found_and_made_small(ready: Parsers, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = Parsers(ready.twin, (Careless(ready.twin),))
    tally = Tally()
    for number in range(PIECES):
        if not tally.differences:
            tally.add(run_piece(wrong, SEED, number))
    (difference,) = tally.differences
    assert difference.vector == Vector(("-y",))
    assert difference.lines == ("careless parser: code is 2, expected 1",)
    assert report(tally, 1_000_000, SEED, 1.0) == 1
    told = capsys.readouterr().out
    assert f"seed {SEED}" in told and dump_vector(difference.vector) in told


def test_a_seed_fixes_the_vectors(ready: Parsers) -> None:
    first, again, other = (run_piece(ready, seed, 3, 200).reached for seed in (1, 1, 2))
    assert first == again != other


def test_shrinking_ends_with_what_is_needed() -> None:
    large = Vector(("mesh", "peers", "list", "--url=" + "x" * 300 + "é", "now"), "66", 40, (1, 2))
    assert shrink(large, lambda vector: any("é" in word for word in vector.words)) == Vector(("é",))
    assert shrink(large, lambda vector: vector.width == 40) == Vector((), width=40)
    assert shrink(large, lambda vector: sum(map(len, vector.words)) >= 7).words == ("xxxxxxé",)


def test_worker_processes_find_nothing_either(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.run(1500, 60.0, 5, 1) == 0
    told = capsys.readouterr().out
    assert "1,500 vectors" in told and "seed 5: no difference" in told


def test_found_vectors_have_their_place() -> None:
    assert parsers.FOUND.is_file() and Path(parsers.FOUND).parent == parsers.DATA
