"""The three voices on a deviation: which of expectation, reference and candidate agree is said in one sentence, for every way they can stand."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from harness.compare.accord import Case, accord
from harness.model.position import Position
from harness.model.verdict import CellResult, Finding, Verdict

REFERENCE = "native"


def golden(diff: str = "+ b", step: str = "go", line: int = 5) -> Finding:
    return Finding(step, "stdout", "stdout differs from the shared snapshot", Position(PurePath("x.toml"), line), (diff,), "snapshot")


def other(message: str = "exit 3 instead of exit 0", step: str = "go", line: int = 5, path: str = "x.toml") -> Finding:
    return Finding(step, "exit", message, Position(PurePath(path), line), (), "exit")


def cell(artifact: str, *findings: Finding, verdict: Verdict | None = None) -> CellResult:
    return CellResult("unit/x", "a", artifact, verdict or (Verdict.FAILED if findings else Verdict.PASSED), findings)


def say(*cells: CellResult, about: str = "frozen", missing: bool = False, printed: dict[str, str] | None = None) -> str:
    texts = {(artifact, "go", "stdout"): text for artifact, text in (printed or {}).items()}
    (sentence,) = accord(Case(cells, REFERENCE, texts, {("go", "stdout")} if missing else frozenset()), about)
    return sentence


def test_the_candidate_differs() -> None:
    assert say(cell("native"), cell("frozen", golden())) == "reference native agrees with the golden; only frozen differs"
    three = (cell("native"), cell("frozen", golden()), cell("jit", golden()))
    assert say(*three) == "reference native agrees with the golden; only frozen, jit differ"
    assert say(cell("native"), cell("frozen", other())) == "reference native agrees with the scenario; only frozen differs"
    assert say(cell("native"), cell("frozen", golden()), cell("jit", golden("+ c"))) == (
        "reference native agrees with the golden; only frozen differs; jit in another way"
    )


def test_everybody_agrees_and_the_expectation_differs() -> None:
    assert say(cell("native", golden()), cell("frozen", golden())) == "all 2 artifacts agree and the golden differs: behaviour changed, review it"
    assert say(cell("native", other()), cell("frozen", other())) == "all 2 artifacts agree and the scenario says otherwise: one of the two is wrong"


def test_the_reference_differs() -> None:
    assert say(cell("native", golden()), cell("frozen"), about="native") == "only the reference native differs in this way; frozen agrees with the golden"
    both = (cell("native", golden()), cell("frozen", golden()), cell("jit"))
    assert say(*both) == "reference native differs from the golden in the same way; jit agrees with the golden"


def test_all_three_differ() -> None:
    assert say(cell("native", golden("+ c")), cell("frozen", golden())) == "all three disagree: the golden, reference native, and frozen"


def test_equal_hunks_of_different_texts_do_not_agree() -> None:
    cells = (cell("native", golden()), cell("frozen", golden()))
    assert say(*cells, printed={"native": "x", "frozen": "x"}).startswith("all 2 artifacts agree")
    assert say(*cells, printed={"native": "x", "frozen": "y"}).startswith("all three disagree")


def test_without_a_golden() -> None:
    assert say(cell("native", golden()), cell("frozen", golden()), missing=True) == "no golden yet; all 2 artifacts agree: review it"
    assert say(cell("native", golden("+ c")), cell("frozen", golden()), missing=True) == (
        "no golden yet, and the artifacts do not agree on one: frozen prints this; native differs"
    )
    assert say(cell("frozen", golden()), missing=True).startswith("no golden yet; only frozen ran this case")


@pytest.mark.parametrize("verdict", [Verdict.UNSUPPORTED, Verdict.HARNESS_ERROR])
def test_without_the_reference(verdict: Verdict) -> None:
    gone = cell("native", verdict=verdict)
    assert say(gone, cell("frozen", golden())) == "only frozen ran this case: run it on native, the reference, to know which of them differs"
    assert say(gone, cell("frozen", golden()), cell("jit")) == (
        "reference native did not run this case; frozen differs from the golden; jit agrees with the golden"
    )
    assert say(cell("native", golden()), about="native").startswith("only native, the reference, ran this case")


def test_an_artifact_that_was_stopped_before_has_no_voice() -> None:
    early = cell("native", other("exit 1 instead of exit 0", step="first", line=2))
    assert say(early, cell("frozen", golden())) == "reference native did not come to this step; frozen differs from the golden"
    late = cell("native", other("exit 1 instead of exit 0", step="last", line=9))
    assert say(late, cell("frozen", golden())) == "reference native agrees with the golden; only frozen differs"
    elsewhere = cell("native", other("exit 1 instead of exit 0", step="call.x", line=9, path="_lib/p.toml"))
    assert say(elsewhere, cell("frozen", golden())).startswith("reference native did not come to this step")


def test_steps_about_which_something_else_is_to_be_said_are_told_apart_and_the_ledger_has_no_voice() -> None:
    frozen = cell("frozen", golden(), golden(step="then", line=8), Finding("go", "ledger", "m", Position(PurePath("l"), 1)))
    assert accord(Case((cell("native"), frozen), REFERENCE), "frozen") == ("reference native agrees with the golden; only frozen differs",)
    assert accord(Case((cell("native", golden()), frozen), REFERENCE), "frozen") == (
        "step go: all 2 artifacts agree and the golden differs: behaviour changed, review it",
        "step then: reference native agrees with the golden; only frozen differs",
    )
