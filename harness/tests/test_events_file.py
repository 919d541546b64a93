"""The event file comes back as it was written, and every way in which it cannot be trusted has its own error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.model.position import Position
from harness.model.verdict import CellResult, Finding, Verdict
from harness.report import events
from harness.report.events import ArtifactEvent, CellEvent, EventsError, FindingEvent, NotRunEvent, Run, ShardEvent, cell_event, read, write
from harness.report.run import ordered

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
FINDINGS = st.builds(FindingEvent, TEXT, TEXT, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple))
SECONDS = st.floats(min_value=0, max_value=1e6, allow_nan=False)
CELLS = st.builds(
    CellEvent,
    TEXT,
    TEXT,
    st.sampled_from(["a", "b"]),
    TEXT,
    TEXT,
    st.sampled_from(list(Verdict)),
    SECONDS,
    TEXT,
    st.lists(FINDINGS, max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
)
ROWS = st.lists(st.builds(NotRunEvent, TEXT, TEXT), max_size=3).map(tuple)
SHARDS = st.none() | st.builds(
    lambda index, more, cells, digest: ShardEvent(index, index + more, cells, digest), st.integers(1, 9), st.integers(0, 9), st.integers(0), TEXT
)
RUNS = st.builds(
    Run,
    TEXT,
    st.just((ArtifactEvent("a", "0", "1"), ArtifactEvent("b", "1", ""))),
    st.lists(CELLS, max_size=5, unique_by=lambda cell: cell.identity).map(tuple),
    ROWS,
    ROWS,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    SECONDS,
    SHARDS,
)
SCHEMA = Draft202012Validator(json.loads((Path(events.__file__).parents[1] / "schema" / "results-1.json").read_text("utf-8")))


@settings(deadline=None, max_examples=100)
@given(RUNS)
def test_a_run_comes_back_sorted(tmp_path_factory: pytest.TempPathFactory, run: Run) -> None:
    path = tmp_path_factory.getbasetemp() / "events.jsonl"
    write(path, run)
    assert read(path) == ordered(run)
    for line in path.read_text("utf-8").split("\n")[:-1]:
        SCHEMA.validate(json.loads(line))


def cell(case: str = "one", artifact: str = "a", verdict: str = "passed", **changes: object) -> dict[str, object]:
    plain = {"scenario": "unit/a", "case": case, "artifact": artifact, "tier": "unit", "level": "must", "verdict": verdict, "seconds": 0.5}
    return {"type": "cell", **plain, **changes}


HEADER: dict[str, object] = {
    "format": 1,
    "type": "header",
    "program": "tool",
    "reference": "a",
    "suite": "0",
    "scenarios": "scenarios",
    "replay": "pytest",
    "started": "2025-01-02T03:04:05Z",
    "artifacts": [{"id": "a", "sha256": "0", "version": "1"}],
}
SHARD: dict[str, object] = {"index": 1, "of": 2, "cells": 3, "sha256": "0"}


def footer(**counts: int) -> dict[str, object]:
    zero = {verdict.value: 0 for verdict in Verdict}
    return {"type": "footer", "seconds": 1.5, "counts": {**zero, **counts}, "not_run": [], "problems": []}


def stored(folder: Path, *lines: object) -> Path:
    path = folder / "events.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def test_unknown_keys_are_read_over(tmp_path: Path) -> None:
    path = stored(tmp_path, {**HEADER, "host": {}}, cell(more=1), footer(passed=1))
    assert read(path).cells[0].case == "one"


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        ([], "EmptyEvents", "is empty"),
        (["{"], "MalformedLine", ":1: is not JSON"),
        (["[]"], "MalformedLine", ":1: is not a JSON object"),
        ([cell()], "MissingHeader", "the first line must be the header"),
        ([{**HEADER, "format": 2}], "UnknownVersion", "format 2, this reader knows only 1"),
        ([{**HEADER, "format": True}], "UnknownVersion", "format True"),
        ([{**HEADER, "artifacts": None}], "MalformedLine", "artifacts must be a list"),
        ([HEADER, cell()], "MissingFooter", "the run did not come to its end"),
        ([HEADER], "MissingFooter", "has no footer"),
        ([HEADER, footer(), cell()], "TrailingLines", ":3: stands after the footer"),
        ([HEADER, cell(), cell(), footer(passed=2)], "DuplicateCell", "unit/a::one on a has a verdict already"),
        ([HEADER, cell(artifact="z"), footer(passed=1)], "UnknownArtifact", "the header does not list z"),
        ([HEADER, cell(), footer(passed=2)], "CountsDiffer", "the cells say"),
        ([HEADER, cell(), footer(failed=1)], "CountsDiffer", "the footer counts"),
        ([HEADER, cell(verdict="fine"), footer()], "MalformedLine", "'fine' is not a verdict"),
        ([HEADER, cell(seconds="1"), footer()], "MalformedLine", "seconds must be a number"),
        ([HEADER, json.dumps(cell(seconds=0)).replace("0", "NaN"), footer()], "MalformedLine", "NaN is not a JSON number"),
        ([HEADER, json.dumps(cell()).replace("{", '{"case": "two", ', 1), footer(passed=1)], "MalformedLine", 'key "case" occurs twice in one object'),
        ([HEADER, cell(type="event"), footer()], "MalformedLine", "the type 'event' is neither"),
        ([HEADER, cell(findings=[{}]), footer()], "MalformedLine", "diff must be a list"),
        ([HEADER, {**footer(), "not_run": [{"what": "x"}]}], "MalformedLine", "why must be a string"),
        ([HEADER, {**footer(), "problems": {}}], "MalformedLine", "problems must be a list"),
        ([HEADER, {**footer(), "seconds": -1}], "MalformedLine", "seconds must be a number of seconds"),
        ([HEADER, json.dumps(cell(seconds=9)).replace("9", "1e999"), footer(passed=1)], "MalformedLine", "seconds must be a number of seconds"),
        ([HEADER, cell(tolerated=True), footer(passed=1)], "MalformedLine", "only a failed cell can be"),
        ([HEADER, cell(kept=[1]), footer(passed=1)], "MalformedLine", "kept must be a list of strings"),
        ([{**HEADER, "suite": None}, footer()], "MalformedLine", "suite must be a string"),
        ([{**HEADER, "artifacts": [*HEADER["artifacts"], *HEADER["artifacts"]]}, footer()], "DuplicateArtifact", "lists an artifact twice"),  # type: ignore[misc]  # it is a list
        ([{**HEADER, "shard": {**SHARD, "index": 3}}, footer()], "MalformedLine", "there is no shard 3 of 2"),
        ([{**HEADER, "shard": {**SHARD, "cells": True}}, footer()], "MalformedLine", "cells must be a whole number"),
        ([{**HEADER, "shard": 1}, footer()], "MalformedLine", "shard is not a JSON object"),
    ],
)
def test_what_cannot_be_trusted_is_an_error_of_its_own(tmp_path: Path, lines: list[object], error: str, words: str) -> None:
    with pytest.raises(getattr(events, error)) as caught:
        read(stored(tmp_path, *lines))
    assert type(caught.value).__name__ == error
    assert words in str(caught.value)


def test_a_file_that_cannot_be_opened_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(events.UnreadableEvents, match=r"none\.jsonl: cannot be read: No such file"):
        read(tmp_path / "none.jsonl")


@pytest.mark.parametrize("limit", ["MAX_BYTES", "MAX_CELLS"])
def test_a_file_beyond_the_limits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(events, limit, 1)
    with pytest.raises(events.TooLarge, match="holds at most"):
        read(stored(tmp_path, HEADER, *(cell(f"case-{number}") for number in range(5)), footer(passed=5)))


def test_every_error_is_in_the_drawn_tree() -> None:
    assert events.__doc__ is not None
    for error in EventsError.__subclasses__():
        assert error.__name__ in events.__doc__


def test_a_line_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_LINE", 400)
    with pytest.raises(events.MalformedLine, match=":2: is longer than"):
        read(stored(tmp_path, HEADER, cell(reason="x" * 400), footer(passed=1)))


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "raw.jsonl"
    path.write_bytes(raw)
    with pytest.raises(EventsError):
        read(path)


DAMAGES: list[Callable[[bytes, int], bytes]] = [lambda raw, at: raw[:at], lambda raw, at: raw[:at] + raw[at + 1 :], lambda raw, at: raw[:at] + b"}" + raw[at:]]


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10_000), st.sampled_from(DAMAGES))
def test_a_damaged_file_never_adds_or_loses_a_verdict_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, at: int, damage: Callable[[bytes, int], bytes]
) -> None:
    path = stored(tmp_path_factory.getbasetemp(), HEADER, cell(), cell("two", verdict="failed"), footer(passed=1, failed=1))
    raw = path.read_bytes()
    path.write_bytes(damage(raw, at % len(raw)))
    try:
        run = read(path)
    except EventsError:
        return
    assert run.counts["passed"] == run.counts["failed"] == 1


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = stored(tmp_path, HEADER, footer())
    before = path.read_bytes()
    unwritable = Run("tool", (), (CellEvent("s", "c", "a", "unit", "must", Verdict.PASSED, seconds=object()),))  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(TypeError):
        write(path, unwritable)
    assert path.read_bytes() == before


def test_a_result_becomes_an_event() -> None:
    finding = Finding("greet", "exit", "exit 1", Position(PurePath("scenarios/a.toml"), 7, 3), ("- exit 0",), "exit")
    result = CellResult("unit/a", "one", "a", Verdict.FAILED, (finding,), seconds=0.123456789)
    event = cell_event(result, tier="unit", level="must")
    assert event.findings == (FindingEvent("greet", "exit", "exit 1", "scenarios/a.toml:7:3", "exit", ("- exit 0",)),)
    assert event.seconds == 0.123457
