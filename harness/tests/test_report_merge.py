"""Shards make the whole or are refused: any division comes back as the run that was divided, and each way not to fit has its own error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from results_support import ARTIFACTS, cell, every_kind

from harness.commands.merge import merge_files
from harness.model.verdict import Verdict
from harness.plugin.division import Shard, divide, parse_shard
from harness.report import events
from harness.report import merge as merging
from harness.report.merge import MergeError, Part, digest, merge
from harness.report.run import NOTHING_RAN, NotRunEvent, Run, ShardEvent, ordered, timeless

CASES = st.dictionaries(
    st.tuples(st.sampled_from(["unit/a", "unit/b", "feature/c"]), st.text(max_size=3)),
    st.sets(st.sampled_from(["native", "frozen", "jit"]), min_size=1),
    max_size=30,
)
TIMES = st.dictionaries(st.sampled_from(["native", "frozen", "jit", "gone"]), st.floats(min_value=0, max_value=1e6), max_size=3)


def sharded(run: Run, of: int) -> list[Part]:
    """The run as ``of`` shards would have recorded it."""
    cases: dict[tuple[str, str], list[str]] = {}
    for item in run.cells:
        cases.setdefault((item.scenario, item.case), []).append(item.artifact)
    parts = divide(cases, {}, of)
    whole = digest(item.identity for item in run.cells)
    return [
        Part(
            f"shard-{index}.jsonl",
            replace(
                run,
                cells=tuple(item for item in run.cells if parts[item.scenario, item.case] == index),
                shard=ShardEvent(index, of, len(run.cells), whole),
            ),
        )
        for index in range(1, of + 1)
    ]


@pytest.mark.parametrize("of", [1, 2, 3, 20])
def test_shards_come_back_as_the_run_that_was_divided(of: int) -> None:
    run = every_kind()
    merged = merge(sharded(run, of)[::-1])
    assert timeless(merged) == timeless(ordered(run))


def test_the_merged_run_lasts_from_the_first_beginning_to_the_last_end() -> None:
    first, second = sharded(every_kind(), 2)
    late = replace(second, run=replace(second.run, started="2025-01-02T03:04:15Z", seconds=10.0))
    merged = merge([late, first])
    assert (merged.started, merged.seconds) == ("2025-01-02T03:04:05Z", 20.0)


def other(**changes: object) -> Callable[[Run], Run]:
    return lambda run: replace(run, **changes)  # type: ignore[arg-type]  # each test names fields that there are


def reshard(**changes: object) -> Callable[[Run], Run]:
    def change(run: Run) -> Run:
        assert run.shard is not None
        return replace(run, shard=replace(run.shard, **changes))  # type: ignore[arg-type]  # as above

    return change


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (other(shard=None), "NoShard", "shard-2.jsonl: is the result of a whole run"),
        (other(program="curl"), "OtherRun", "one is about omnirelay, the other about curl"),
        (other(suite="d" * 64), "OtherRun", "their scenarios or goldens are not the same files"),
        (other(artifacts=(replace(ARTIFACTS[0], sha256="0" * 64), ARTIFACTS[1])), "OtherRun", "native-linux-x64 is not the same file: SHA-256 aaaa"),
        (other(artifacts=ARTIFACTS[:1], cells=()), "OtherRun", "one tested native-linux-x64, frozen-linux-x64, the other native-linux-x64"),
        (reshard(of=3), "OtherRun", "one is a part of 2, the other of 3"),
        (reshard(cells=8), "OtherRun", "parts of different selections of cells (7 and 8)"),
        (reshard(sha256="e" * 64), "OtherRun", "parts of different selections of cells"),
        (reshard(index=1), "DuplicateShard", "shard-1.jsonl and shard-2.jsonl: both are shard 1/2"),
        (lambda run: replace(run, cells=every_kind().cells), "DuplicateCells", "both hold"),
        (lambda run: replace(run, cells=run.cells[1:]), "MissingCells", "the shards hold 6 cells of the 7 that were selected"),
        (lambda run: replace(run, cells=(*run.cells[1:], cell("strange", "native-linux-x64", Verdict.PASSED))), "MissingCells", "or others"),
        (
            lambda run: replace(run, cells=run.cells[1:], problems=(NotRunEvent("1 cells", "the run was stopped before them"),)),
            "MissingCells",
            "shard-2.jsonl (1 cells: the run was stopped",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change: Callable[[Run], Run], error: str, words: str) -> None:
    first, second = sharded(every_kind(), 2)
    assert second.run.cells
    with pytest.raises(getattr(merging, error)) as caught:
        merge([first, replace(second, run=change(second.run))])
    assert words in str(caught.value)


def test_a_missing_shard_is_named() -> None:
    parts = sharded(every_kind(), 4)
    with pytest.raises(merging.MissingShard, match="shard 2/4, 4/4 is missing"):
        merge([parts[0], parts[2]])
    with pytest.raises(merging.NoShard, match="nothing to merge"):
        merge([])


def test_every_error_is_in_the_drawn_tree() -> None:
    assert merging.__doc__ is not None
    for error in MergeError.__subclasses__():
        assert error.__name__ in merging.__doc__


def test_what_only_the_whole_shows_is_told() -> None:
    cells = tuple(cell(f"c{number}", "native-linux-x64", Verdict.UNSUPPORTED, reason="no tty") for number in range(4))
    assert NOTHING_RAN in merge(sharded(Run("p", ARTIFACTS, cells, suite="0"), 2)).problems


def test_the_command_merges_files_and_refuses_a_truncated_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for part in sharded(every_kind(), 2):
        events.write(tmp_path / part.name, part.run)
        paths.append(tmp_path / part.name)
    out = tmp_path / "whole" / "events.jsonl"
    assert merge_files(paths, out) == 1  # the run is red
    assert events.read(out) == merge([Part("", events.read(path)) for path in paths])
    said = capsys.readouterr()
    assert "2 passed, 1 failed, 1 expected failure, 1 unsupported, 1 harness error, 1 tolerated failure" in said.out
    assert "problem: scenarios/unit/a.toml: cannot be loaded" in said.err
    out.unlink()
    raw = paths[1].read_bytes()
    (tmp_path / "other.jsonl").symlink_to(paths[1])
    for again in (paths[1], tmp_path / "other.jsonl"):
        assert merge_files(paths, again) == 1
        assert "is one of the shards, which would be lost" in capsys.readouterr().err
    assert paths[1].read_bytes() == raw
    paths[1].write_bytes(raw[: raw.rindex(b'{"type": "footer"')])
    assert merge_files(paths, out) == 1
    assert "shard-2.jsonl: has no footer" in capsys.readouterr().err
    assert not out.exists()


@settings(deadline=None, max_examples=150)
@given(CASES, st.dictionaries(st.tuples(st.sampled_from(["unit/a", "unit/b"]), st.text(max_size=3)), TIMES), st.integers(1, 12))
def test_every_case_is_in_one_part_and_the_order_of_the_input_does_not_matter(
    cases: dict[tuple[str, str], set[str]], times: dict[tuple[str, str], dict[str, float]], of: int
) -> None:
    parts = divide(cases, times, of)
    assert parts.keys() == cases.keys()
    assert set(parts.values()) <= set(range(1, of + 1))
    assert divide(dict(reversed(cases.items())), dict(reversed(times.items())), of) == parts


@given(st.lists(st.floats(min_value=0.1, max_value=1000), min_size=1, max_size=60), st.integers(1, 8))
def test_no_part_has_more_than_its_share_and_one_case(times: list[float], of: int) -> None:
    cases = {("unit/a", str(number)): ["native"] for number in range(len(times))}
    parts = divide(cases, {("unit/a", str(number)): {"native": time} for number, time in enumerate(times)}, of)
    loads = [sum(time for number, time in enumerate(times) if parts["unit/a", str(number)] == part) for part in range(1, of + 1)]
    assert max(loads) <= sum(times) / of + max(times) + 1e-6


def test_a_new_case_moves_no_other_and_an_artifact_without_time_counts_as_the_others() -> None:
    cases = {("unit/a", str(number)): ["native", "frozen"] for number in range(20)}
    times = {("unit/a", str(number)): {"native": number + 1.0} for number in range(20)}
    before = divide(cases, times, 3)
    after = divide({**cases, ("unit/a", "new"): ["native"]}, times, 3)
    assert {case: after[case] for case in cases} == before
    alone = {("unit/a", "one"): ["native", "frozen"], ("unit/a", "two"): ["native"], ("unit/a", "three"): ["native"]}
    known = {("unit/a", "one"): {"native": 10.0}, ("unit/a", "two"): {"native": 9.0}, ("unit/a", "three"): {"native": 9.0}}
    parts = divide(alone, known, 2)
    assert parts["unit/a", "one"] == 1
    assert parts["unit/a", "two"] == parts["unit/a", "three"] == 2


@pytest.mark.parametrize("text", ["0/2", "3/2", "1/0", "1", "1/", "a/b", "1/2/3", "01/2", "-1/2", " 1/2", "1/2\n", "1/99999"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"shard|part"):
        parse_shard(text)


def test_a_shard_is_written_as_it_is_read() -> None:
    assert str(parse_shard("2/5")) == str(Shard(2, 5)) == "2/5"
