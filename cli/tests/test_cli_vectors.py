"""The recorded corpus of argument vectors: what Typer answers today, and what the generated Python parser and the C front answer, vector by vector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.equivalence import catalogue, cells, corpus, coverage, parsers
from cli.equivalence.corpus import CorpusError, Record
from cli.equivalence.fuzz import REFUSALS
from cli.equivalence.parsers import Parsers
from cli.equivalence.vector import Seen, Vector, differing, settled

LEAST = 3_000
MODEL = parsers.command_tree()


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return corpus.load(parsers.CORPUS)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parsers]:
    with parsers.parsers(tmp_path_factory.mktemp("front")) as found:
        yield found


def test_corpus_and_sample_are_what_the_typer_twin_answers_now(records: list[Record]) -> None:
    now = parsers.record()
    assert {record.vector: record for record in now} == {record.vector: record for record in records}
    assert corpus.dump(now) == parsers.CORPUS.read_text(encoding="ascii"), "run python -m cli.equivalence record"
    sample = cells.sample(now)
    assert sorted(sample) == cells.written()
    for path, text in sample.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run python -m cli.equivalence record"


def test_every_vector_is_read_alike(ready: Parsers, records: list[Record]) -> None:
    found = [line for record in records for line in ready.against(record.seen, record.vector)]
    assert not found, "\n".join(found[:20])


def test_explain_names_the_values_that_typer_bound(records: list[Record], tmp_path: Path) -> None:
    """Making the cases compares each explanation with what was recorded."""
    stated, files, left = cells.write_all(records, tmp_path / "scenarios")
    assert stated + left == len(records)
    assert stated > LEAST and files == len(list(tmp_path.rglob("*.toml")))
    assert {record.subject for record in records if cells.runnable(record.vector)} >= {record.subject for record in records} - {"colour", "found"}


def test_corpus_reaches_everything(records: list[Record]) -> None:
    """Every verb, option, choice, width, refusal and kind of surroundings; otherwise agreement proves little."""
    assert len(records) >= LEAST
    bound = {record.seen.path for record in records if record.seen.action == "run"}
    assert bound == {path for path, command in MODEL.items() if command.work}
    assert {record.seen.action for record in records} == {"run", "answer", "version", "artifact-info"}
    for path, command in MODEL.items():
        seen = [record.seen for record in records if record.seen.path == path]
        for option in command.options:
            if command.work and option.kind != "action":
                assert any(option.name in one.given for one in seen), (path, option.name)
                assert any(option.name not in one.given for one in seen), (path, option.name)
            for choice in option.choices:
                assert any((option.name, choice) in one.values for one in seen), (path, choice)
        widths = {record.vector.columns for record in records if record.vector.words == (*path.split(" ")[1:], "--help")}
        assert widths >= {str(width) for width in range(40, 82)}, path
    bound_values = [value for record in records for _, value in record.seen.values]
    assert any(type(value) is int and value.bit_length() > 14_000 for value in bound_values) and any(type(value) is int and value < 0 for value in bound_values)
    assert {len(value) for value in bound_values if isinstance(value, tuple)} >= {0, 1, 2, 3, 100}
    assert {record.vector.columns for record in records if record.vector.words[-1:] == ("--help",)} >= {str(width) for width in range(40, 201)}
    refusals = "\n".join(record.seen.stderr for record in records)
    assert all(text in refusals for text in REFUSALS)
    assert {record.vector.terminals for record in records} == {(), (1,), (2,), (1, 2)}
    assert any("\udcff" in word for record in records for word in record.vector.words)
    assert any("\x1b[31m" in record.seen.stderr for record in records)
    assert {record.vector.width for record in records} >= {0, 1, 40, 66, 300}
    assert any(len(word) >= 2000 for record in records for word in record.vector.words)


def test_words_are_such_as_arrive(records: list[Record]) -> None:
    for record in records:
        assert tuple(settled(word) for word in record.vector.words) == record.vector.words


def test_inputs_of_the_fuzzer_stand_for_their_vectors(records: list[Record]) -> None:
    packed = 0
    for record in records:
        data = coverage.packed(record.vector)
        packed += data is not None
        assert data is None or coverage.unpacked(data) == record.vector
    assert packed > 0.95 * len(records)


texts = st.text(st.characters(codec=None), max_size=8)
VALUES = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=3).map(tuple)
SEENS = st.builds(
    Seen,
    st.sampled_from(["run", "answer", "version"]),
    texts,
    st.dictionaries(texts, VALUES, max_size=3).map(lambda values: tuple(values.items())),
    st.lists(texts, max_size=2).map(tuple),
    texts,
    texts,
    st.integers(0, 255),
)
VECTORS = st.builds(Vector, st.lists(texts, max_size=4).map(tuple), st.none() | texts, st.integers(0, 300), st.sampled_from([(), (1,), (2,), (1, 2)]))


@given(st.lists(st.builds(Record, VECTORS, SEENS, texts), max_size=6, unique_by=lambda record: record.vector))
def test_a_corpus_survives_its_file(some: list[Record]) -> None:
    assert corpus.parse(corpus.dump(some), "corpus") == some


SMALL = corpus.dump(
    [
        Record(Vector(("mesh",)), Seen("answer", stderr="Usage: …\n", code=1), "help"),
        Record(Vector(("mesh", "\udcff"), None, 66, (1, 2)), Seen("run", "omnirelay x", (("words", ("a",)), ("yes", True)), ("yes",)), "chance"),
    ]
)


@given(st.data())
def test_a_damaged_corpus_is_refused_or_read(data: st.DataObject) -> None:
    """Whatever a line holds, the reader ends with records or with an error that names the file."""
    lines = SMALL.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    junk = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | texts, lambda inner: st.lists(inner, max_size=7), max_leaves=9)
    objects = st.dictionaries(st.sampled_from(["corpus", "text", "outcome", "vector", "x"]), junk, max_size=2)
    line = data.draw(st.text(max_size=30) | st.builds(json.dumps, objects))
    lines[at : at + data.draw(st.integers(0, 1))] = [line]
    try:
        corpus.parse("\n".join(lines) + "\n", "damaged")
    except CorpusError as refused:
        assert str(refused).startswith("damaged")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"format":1', '"format":2', "the format must be 1"),
        ('"vectors":2', '"vectors":3', "2 vectors, but the first line says 3"),
        ('{"text":"Usage', '{"texts":"Usage', "unknown key 'texts'"),
        (",66,[1,2]]", ",66,[1,9]]", "terminals must be a list of 1 and 2"),
        ('"answer",""', '"answer",3', "expected a text"),
        ("}\n", "}", "line must be an object|Extra data"),
    ],
)
def test_the_reader_says_what_is_wrong(old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(CorpusError, match=message):
        corpus.parse(SMALL.replace(old, new, 1), "damaged")


def test_a_corpus_that_was_cut_off_is_refused() -> None:
    for size in range(1, len(SMALL)):
        with pytest.raises(CorpusError):
            corpus.parse(SMALL[:size], "cut")


def test_a_difference_is_told_field_by_field() -> None:
    lines = list(differing("C front", Seen("answer", stderr="a", code=1), Seen("answer", stderr="b", code=1)))
    assert lines == ["C front: stderr is 'b', expected 'a'"]


def test_true_is_not_the_number_one() -> None:
    flag, number = (Seen("run", "omnirelay x", (("all", value),)) for value in (True, 1))
    assert list(differing("C front", flag, number)) == ["C front: values is (('all', 1),), expected (('all', True),)"]


def test_found_vectors_are_in_the_corpus(records: list[Record], tmp_path: Path) -> None:
    found = corpus.load_vectors(parsers.FOUND)
    assert {record.vector for record in records} >= set(found)
    file = tmp_path / "found.jsonl"
    vector = Vector(("mesh", "\udcff"), None, 66, (2,))
    file.write_text(corpus.dump_vector(vector) + "\n", encoding="ascii")
    assert corpus.load_vectors(file) == [vector]
    assert vector in catalogue.vectors(MODEL, [vector])
    file.write_text('{"words": ["mesh"]}\n', encoding="ascii")
    with pytest.raises(CorpusError, match=r"found\.jsonl:1: expected words"):
        corpus.load_vectors(file)
