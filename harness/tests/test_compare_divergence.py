"""Equal findings over artifacts, cases and scenarios are one, and it is said where they do not occur."""

from __future__ import annotations

from pathlib import PurePath

from harness.compare.divergence import group
from harness.model.position import Position
from harness.model.verdict import CellResult, Finding, Verdict

PLACE = Position(PurePath("x.toml"), 3)


def _finding(step: str = "s", diff: tuple[str, ...] = ("- a", "+ b"), message: str = "differs", aspect: str = "stdout") -> Finding:
    return Finding(step, aspect, message, PLACE, diff, "snapshot")


def _cell(case: str, artifact: str, *findings: Finding, verdict: Verdict | None = None, scenario: str = "unit/x") -> CellResult:
    return CellResult(scenario, case, artifact, verdict or (Verdict.FAILED if findings else Verdict.PASSED), findings)


def test_same_hunk_in_two_artifacts_is_one_finding() -> None:
    (found,) = group([_cell("a", "frozen", _finding()), _cell("a", "jit", _finding(message="other words")), _cell("a", "native")])
    assert (found.artifacts, found.cases, found.clean, found.diverges) == (("frozen", "jit"), (("unit/x", "a"),), ("native",), True)
    assert (found.sentence, found.place) == ("same hunk in 2 artifacts and 1 case: one finding", "unit/x, step s")


def test_same_hunk_in_other_steps_and_scenarios_is_the_same_finding() -> None:
    cells = [_cell(case, "jit", _finding(step=step), scenario=scenario) for scenario, case, step in (("unit/x", "a", "s"), ("unit/y", "b", "t"))]
    (found,) = group(cells)
    assert (found.sentence, found.place) == ("same hunk in 1 artifact and 2 cases: one finding", "unit/x, step s and 1 more scenario")


def test_an_exit_code_is_the_same_only_within_a_step() -> None:
    ends = [_cell(case, "x", _finding(step=step, aspect="exit")) for case, step in (("a", "s"), ("b", "s"), ("c", "t"))]
    assert [[case for _, case in found.cases] for found in group(ends)] == [["a", "b"], ["c"]]


def test_different_hunks_and_messages_stay_apart() -> None:
    cells = [_cell("a", "x", _finding()), _cell("b", "x", _finding(diff=("+ c",)))]
    plain = [_cell(case, "x", _finding(diff=(), message=message)) for case, message in (("d", "m1"), ("e", "m2"), ("f", "m1"))]
    groups = group([*cells, *plain])
    assert [[case for _, case in found.cases] for found in groups] == [["d", "f"], ["e"], ["b"], ["a"]]
    assert [found.sentence for found in groups if len(found.cells) > 1] == ["same finding in 1 artifact and 2 cases: one finding"]


def test_only_judged_cells_count() -> None:
    others = [
        _cell("a", "frozen", _finding(), verdict=Verdict.EXPECTED_FAILURE),
        _cell("a", "jit", verdict=Verdict.UNSUPPORTED),
        _cell("a", "arm", verdict=Verdict.HARNESS_ERROR),
    ]
    (found,) = group([_cell("a", "native", _finding()), *others])
    assert (found.cells, found.clean, found.sentence) == ((("unit/x", "a", "native"),), ("frozen",), "")


def test_order_does_not_depend_on_the_order_of_cells() -> None:
    cells = [_cell(case, artifact, _finding(), _finding(step="t", diff=("+ c",))) for case in "ab" for artifact in ("x", "y")]
    assert group(cells) == group(reversed(cells))
