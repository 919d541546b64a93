"""Only what every selected artifact printed becomes a golden, in whatever order cells report."""

from __future__ import annotations

import itertools
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model.position import Position
from harness.model.verdict import CellResult, Finding, GoldenUse, Verdict
from harness.plugin.agreement import defer, uses_of
from harness.review.agreement import Refusal, Report, Use, Write, settle

CASE = "unit/a.toml::one"
HERE = Position(PurePath("a.toml"), 1)


def report(artifact: str, *uses: Use, verdict: Verdict = Verdict.PASSED) -> Report:
    return Report(CASE, artifact, verdict, uses)


def printed(text: str | None, *, missing: bool = True) -> Use:
    return Use("unit/a/one/first.stdout", text, missing)


def decide(*reports: Report, planned: str = "abc", new_only: bool = False) -> list[Write | Refusal]:
    chosen = frozenset(planned[: len(reports)]) if planned == "abc" else frozenset(planned)
    writes, refusals = settle(reports, {CASE: chosen}, new_only=new_only)
    return [*writes, *refusals]


def test_what_all_artifacts_print_is_written() -> None:
    assert decide(report("a", printed("x")), report("b", printed("x"))) == [Write("unit/a/one/first.stdout", "x", new=True)]


def test_nothing_changes_while_all_still_print_the_golden() -> None:
    assert decide(report("a", printed(None, missing=False)), report("b", printed(None, missing=False))) == []


def test_new_only_leaves_existing_goldens_alone() -> None:
    assert decide(report("a", printed("x", missing=False)), new_only=True) == []
    assert decide(report("a", printed("x", missing=True)), new_only=True) != []


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ((report("a", printed("x")), report("b", printed("y"))), "the artifacts diverge: a / b"),
        (
            (report("a", printed(None, missing=False)), report("b", printed("y", missing=False))),
            "the artifacts diverge: the golden is still printed by a, but not by b",
        ),
        ((report("a", printed("x")), report("b", printed("x"), verdict=Verdict.FAILED)), "b failed for other reasons"),
        ((report("a", printed("x")), report("b", printed("x"), verdict=Verdict.HARNESS_ERROR)), "b failed for other reasons"),
        ((report("a", printed("x")), report("b")), "b did not come to this step"),
    ],
)
def test_disagreement_is_refused(reports: tuple[Report, ...], words: str) -> None:
    (refusal,) = decide(*reports)
    assert isinstance(refusal, Refusal)
    assert words in refusal.reason


def test_a_divergence_shows_the_difference() -> None:
    (refusal,) = decide(report("a", printed("same\nx\n")), report("b", printed("same\ny\n")))
    assert isinstance(refusal, Refusal)
    assert "- x" in refusal.diff
    assert "+ y" in refusal.diff


def test_a_cell_that_did_not_run_keeps_the_golden_from_being_written() -> None:
    (refusal,) = decide(report("a", printed("x")), planned="ab")
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "b did not run this case"


def test_known_differences_and_missing_capabilities_have_no_vote() -> None:
    known = report("b", printed("y"), verdict=Verdict.EXPECTED_FAILURE)
    unable = report("c", verdict=Verdict.UNSUPPORTED)
    assert decide(known) == []
    assert decide(report("a", printed(None, missing=False)), known) == []
    assert decide(report("a", printed("x")), known, unable) == [Write("unit/a/one/first.stdout", "x", new=True)]


TEXTS = st.sampled_from([None, "x", "y"])
VERDICTS = st.sampled_from([Verdict.PASSED, Verdict.PASSED, Verdict.PASSED, Verdict.FAILED, Verdict.UNSUPPORTED, Verdict.EXPECTED_FAILURE])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(TEXTS, VERDICTS), min_size=1, max_size=3))
def test_the_order_of_reports_never_matters_and_only_agreed_texts_are_written(rows: list[tuple[str | None, Verdict]]) -> None:
    reports = [report("abc"[index], printed(text, missing=False), verdict=verdict) for index, (text, verdict) in enumerate(rows)]
    outcomes = {repr(sorted(map(repr, decide(*order, planned="abc"[: len(rows)])))) for order in itertools.permutations(reports)}
    assert len(outcomes) == 1
    for outcome in decide(*reports, planned="abc"[: len(rows)]):
        if isinstance(outcome, Write):
            voters = {text for text, verdict in rows if verdict is Verdict.PASSED}
            assert voters == {outcome.text}
            assert Verdict.FAILED not in {verdict for _, verdict in rows}


def result(*findings: Finding, verdict: Verdict = Verdict.FAILED) -> CellResult:
    return CellResult("unit/a", "one", "a", verdict, findings)


SNAPSHOT = Finding("first", "stdout", "differs", HERE, (), "snapshot")
JSON_SNAPSHOT = Finding("first", "stdout", "differs", HERE, (), "json.snapshot")
EXIT = Finding("first", "exit", "exit 1", HERE, (), "exit")


def test_deviations_from_goldens_wait_and_everything_else_stays_a_failure() -> None:
    assert defer(result(SNAPSHOT, JSON_SNAPSHOT)).verdict is Verdict.PASSED
    mixed = defer(result(SNAPSHOT, EXIT))
    assert (mixed.verdict, mixed.findings) == (Verdict.FAILED, (EXIT,))
    assert defer(result(SNAPSHOT, verdict=Verdict.EXPECTED_FAILURE)).verdict is Verdict.EXPECTED_FAILURE
    assert defer(result()).verdict is Verdict.FAILED


def test_the_last_attempt_of_a_polling_step_counts() -> None:
    uses = (GoldenUse("k", "old", HERE, matched=False, missing=False), GoldenUse("k", "golden", HERE, matched=True, missing=False))
    assert uses_of(CellResult("unit/a", "one", "a", Verdict.PASSED, goldens=uses)) == (Use("k", None, missing=False),)
