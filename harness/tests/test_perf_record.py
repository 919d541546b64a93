"""``perf.json`` is what its schema says in both directions: whatever the bytes, a whole record or a named error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.perf import codec, schema
from harness.perf.errors import RecordError

SESSION = Path(__file__).with_name("data_report") / "session.json"
DATA = SESSION.read_bytes()


def test_the_committed_schema_is_the_generated_one() -> None:
    assert codec.SCHEMA.read_text(encoding="utf-8") == schema.generate(), "run python -m harness.perf.schema"


def test_a_record_reads_back_equal(tmp_path: Path) -> None:
    record = codec.read(SESSION)
    codec.write(tmp_path / "perf.json", record)
    assert codec.read(tmp_path / "perf.json") == record
    assert [path.name for path in tmp_path.iterdir()] == ["perf.json"]


def test_a_record_that_would_be_invalid_is_not_written(tmp_path: Path) -> None:
    record = codec.read(SESSION)
    with pytest.raises(RecordError, match="created"):
        codec.write(tmp_path / "perf.json", replace(record, created="yesterday"))
    with pytest.raises(RecordError, match="seconds"):
        codec.write(tmp_path / "perf.json", replace(record, seconds=-1.0))
    assert not list(tmp_path.iterdir())


def _drop(document: dict[str, object]) -> None:
    del document["seed"]


def _add(document: dict[str, object]) -> None:
    document["sed"] = 1


def _format(document: dict[str, object]) -> None:
    document["format"] = 1


def _seed(document: dict[str, object]) -> None:
    document["seed"] = "seven"


@pytest.mark.parametrize(
    ("change", "message"), [(_drop, "'seed' is a required"), (_add, "'sed' was unexpected"), (_format, "format 1, only 2 is known"), (_seed, "seed: 'seven'")]
)
def test_a_changed_record_is_refused(change: Callable[[dict[str, object]], None], message: str) -> None:
    document = json.loads(DATA)
    change(document)
    with pytest.raises(RecordError, match=message):
        codec.loads(json.dumps(document).encode(), "perf.json")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "top level"),
        (b'{"format": 1, "format": 1}', "occurs twice"),
        (b'{"format": NaN}', "NaN is not a JSON number"),
        (b"[" * 200_000, "nested too deeply"),
        (DATA.replace(b'"seconds":', b'"seconds":1' + b"0" * 400 + b',"x":', 1), "perf.json"),
    ],
)
def test_what_is_no_record_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        codec.loads(data, "perf.json")


@given(st.integers(0, len(DATA) - 1), st.binary(max_size=6), st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_any_damage_gives_a_record_or_a_named_error(place: int, inserted: bytes, removed: int) -> None:
    try:
        record = codec.loads(DATA[:place] + inserted + DATA[place + removed :], "perf.json")
    except RecordError as error:
        assert "perf.json" in str(error)
    else:
        assert codec.loads(codec.dumps(record).encode(), "again") == record
