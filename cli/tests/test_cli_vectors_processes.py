"""Vectors on terminals and with bytes that are no text, as processes of every published artifact: a fixed sample of what `make conformance-full` runs."""

from __future__ import annotations

import pytest

from cli.equivalence import corpus, parsers, processes
from cli.equivalence.corpus import Record
from cli.equivalence.vector import Seen, Vector

ARTIFACTS = parsers.ROOT / "dist" / "artifacts.json"
EVERY = 25
PROGRAMS = processes.programs(ARTIFACTS)


@pytest.fixture(scope="module")
def sample() -> list[Record]:
    return processes.left(corpus.load(parsers.CORPUS))[::EVERY]


def test_there_are_artifacts() -> None:
    assert {name.split("-")[0] for name in PROGRAMS} >= {"native", "frozen", "jit"}, "run conformance publish"


@pytest.mark.parametrize("name", PROGRAMS)
def test_processes_answer_as_recorded(name: str, sample: list[Record]) -> None:
    program, version = PROGRAMS[name]
    found = [(corpus.dump_vector(record.vector), line) for record in sample for line in processes.differences(record, program, version)]
    assert not found, found[:10]


def test_the_sample_holds_every_kind_of_surroundings(sample: list[Record]) -> None:
    assert {record.vector.terminals for record in sample} == {(), (1,), (2,), (1, 2)}
    assert any("\udc80" <= character <= "\udcff" for record in sample for word in record.vector.words for character in word)
    assert any(record.vector.columns is None for record in sample) and any(record.vector.width for record in sample)


def test_a_terminal_shows_what_a_pipe_does_not() -> None:
    """The same words with and without a terminal: a wrong expectation of the colour codes is told."""
    program, version = PROGRAMS["native-linux-x64"]
    plain = "Usage: omnirelay [OPTIONS] COMMAND [ARGS]...\nTry 'omnirelay --help' for help.\n\nError: No such option: --{}x\n"
    coloured, stripped = (Seen("answer", stderr=plain.format(code), code=1) for code in ("\x1b[31m", ""))
    for terminals, right, wrong in (((2,), coloured, stripped), ((1,), stripped, coloured)):
        vector = Vector(("--\x1b[31mx",), None, 66 if 1 in terminals else 0, terminals)
        assert not list(processes.differences(Record(vector, right, "colour"), program, version))
        assert [line[:9] for line in processes.differences(Record(vector, wrong, "colour"), program, version)] == ["stderr is"]
