"""Equal findings over artifacts and cases are one, and it is said where they do not occur."""

from __future__ import annotations

from pathlib import PurePath

from harness.compare.divergence import group
from harness.model.position import Position
from harness.model.verdict import CellResult, Finding, Verdict

PLACE = Position(PurePath("x.toml"), 3)


def _finding(step: str = "s", diff: tuple[str, ...] = ("- a", "+ b"), message: str = "differs") -> Finding:
    return Finding(step, "stdout", message, PLACE, diff, "snapshot")


def _cell(case: str, artifact: str, *findings: Finding, verdict: Verdict | None = None) -> CellResult:
    return CellResult("unit/x", case, artifact, verdict or (Verdict.FAILED if findings else Verdict.PASSED), findings)


def test_same_hunk_in_two_artifacts_is_one_finding() -> None:
    (found,) = group([_cell("a", "frozen", _finding()), _cell("a", "jit", _finding(message="other words")), _cell("a", "native")])
    assert (found.artifacts, found.cases, found.clean, found.diverges) == (("frozen", "jit"), ("a",), ("native",), True)
    assert found.sentence == "same hunk in 2 artifacts and 1 case: one finding"


def test_different_hunks_steps_and_messages_stay_apart() -> None:
    cells = [_cell("a", "x", _finding()), _cell("b", "x", _finding(diff=("+ c",))), _cell("c", "x", _finding(step="t"))]
    plain = [
        _cell("d", "x", _finding(diff=(), message="m1")),
        _cell("e", "x", _finding(diff=(), message="m2")),
        _cell("f", "x", _finding(diff=(), message="m1")),
    ]
    groups = group([*cells, *plain])
    assert [found.cases for found in groups] == [("d", "f"), ("e",), ("b",), ("a",), ("c",)]
    assert [found.sentence for found in groups if len(found.cells) > 1] == ["same finding in 1 artifact and 2 cases: one finding"]


def test_only_judged_cells_count() -> None:
    others = [
        _cell("a", "frozen", _finding(), verdict=Verdict.EXPECTED_FAILURE),
        _cell("a", "jit", verdict=Verdict.UNSUPPORTED),
        _cell("a", "arm", verdict=Verdict.HARNESS_ERROR),
    ]
    (found,) = group([_cell("a", "native", _finding()), *others])
    assert (found.cells, found.clean, found.sentence) == ((("a", "native"),), ("frozen",), "")


def test_order_does_not_depend_on_the_order_of_cells() -> None:
    cells = [_cell(case, artifact, _finding(), _finding(step="t")) for case in "ab" for artifact in ("x", "y")]
    assert group(cells) == group(reversed(cells))
