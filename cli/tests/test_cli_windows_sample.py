"""What `make windows-front` asks of the front: enough, of every kind, and nothing that a process without a console cannot be asked."""

from __future__ import annotations

import pytest

from cli.equivalence import corpus, parsers, windows
from cli.equivalence.corpus import Record
from cli.equivalence.wine import LINES, without_ends


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return corpus.load(parsers.CORPUS)


def test_the_sample_of_processes_is_large_and_spread(records: list[Record]) -> None:
    chosen = windows.sample(records)
    assert len(chosen) >= 300
    assert not any(record.vector.terminals or record.vector.width for record in chosen)
    assert {record.subject for record in chosen} > {record.subject for record in records[:100]}
    assert {record.seen.action for record in chosen} >= {"answer", "run"} and {record.seen.code for record in chosen} >= {0, 1}
    words = [word for record in chosen for word in record.vector.words]
    assert any("\udc80" <= character <= "\udcff" for word in words for character in word), "no word that is half a pair"
    assert any(character > "\uffff" for word in words for character in word) and "" in words


def test_pages_for_a_console_fit_and_are_as_wide_as_it(records: list[Record]) -> None:
    pages = windows.for_consoles(records)
    assert len(pages) >= 10
    assert all((record.seen.stdout + record.seen.stderr).count("\n") < LINES for record in pages)
    assert all(record.vector.columns is None and record.vector.width not in (0, 80) for record in pages), "the usual width proves nothing"


def test_what_a_console_does_not_keep() -> None:
    assert without_ends("a \n\n  b  \n") == "a\n\n  b\n"
