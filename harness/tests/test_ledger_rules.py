"""The ledger of known differences: what it may turn into an expected failure, and everything that it must not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.ledger.apply import apply, expired, unused
from harness.ledger.entries import Ledger
from harness.ledger.reader import read_ledger
from harness.load.errors import ScenarioError
from harness.load.render import render
from harness.model.observation import Observation
from harness.model.position import Position
from harness.model.verdict import CellResult, Finding, Verdict

TODAY = date(2026, 6, 15)
ENTRY = """
[[entry]]
scenario = "feature/upgrade/*"
case = "rolling"
artifact = "frozen-*"
where = { step = "resume", stream = "stderr", matches = 'WinError 1005\\d' }
reason = "the bootloader closes the socket"
issue = "https://example.invalid/214"
owner = "@release"
expires = 2026-06-15
"""
Write = Callable[[str], Ledger]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Ledger:
        path = tmp_path / "expectations.toml"
        path.write_text("format = 1\n" + text)
        return read_ledger(path)

    return write


def finding(step: str = "resume", message: str = "stderr differs", aspect: str = "stderr") -> Finding:
    return Finding(step, aspect, message, Position(Path("x.toml"), 3))


def result(
    verdict: Verdict = Verdict.FAILED, findings: tuple[Finding, ...] = (finding(),), stderr: bytes = b"OSError: [WinError 10054]", **changes: str
) -> CellResult:
    values = {"scenario": "feature/upgrade/drain", "case": "rolling", "artifact": "frozen-win-x64", **changes}
    return CellResult(
        **values, verdict=verdict, findings=findings, observations=(Observation("resume", stderr=stderr), Observation("after", stderr=b"WinError 10054"))
    )


def test_the_failure_that_was_written_down_is_expected(write: Write) -> None:
    after = apply(result(), write(ENTRY), TODAY)
    assert after.verdict is Verdict.EXPECTED_FAILURE
    assert after.reason == "the bootloader closes the socket (https://example.invalid/214, @release)"
    assert after.findings == result().findings


@pytest.mark.parametrize("other", [{"scenario": "feature/peers/list"}, {"case": "other"}, {"artifact": "native-linux-x64"}])
def test_other_cells_are_not_touched(write: Write, other: dict[str, str]) -> None:
    assert apply(result(**other), write(ENTRY), TODAY) == result(**other)
    passed = result(Verdict.PASSED, (), **other)
    assert apply(passed, write(ENTRY), TODAY) == passed


def test_another_step_stays_red_and_says_so(write: Write) -> None:
    findings = (finding(), finding("after"))
    after = apply(result(findings=findings), write(ENTRY), TODAY)
    assert (after.verdict, after.findings) == (Verdict.FAILED, findings)
    (note,) = after.details["ledger"]  # type: ignore[misc]  # details are of any type
    assert note.endswith("expectations.toml:3 expects a failure in step resume, but after failed")


def test_another_text_stays_red_and_says_so(write: Write) -> None:
    after = apply(result(stderr=b"Traceback"), write(ENTRY), TODAY)
    assert after.verdict is Verdict.FAILED
    (note,) = after.details["ledger"]  # type: ignore[misc]  # details are of any type
    assert note.endswith(r'expects stderr of step resume to match "WinError 1005\d", and it does not')


def test_without_a_stream_the_finding_must_match(write: Write) -> None:
    ledger = write(ENTRY.replace('stream = "stderr", ', "").replace(r"WinError 1005\d", "^exit 3 instead"))
    assert apply(result(findings=(finding(message="exit 3 instead of exit 0"),)), ledger, TODAY).verdict is Verdict.EXPECTED_FAILURE
    assert apply(result(findings=(finding(message="exit 4 instead of exit 0"),)), ledger, TODAY).verdict is Verdict.FAILED
    both = (finding(message="exit 3 instead of exit 0"), finding(message="stdout must be empty"))
    assert apply(result(findings=both), ledger, TODAY).verdict is Verdict.FAILED


def test_two_entries_may_explain_two_steps(write: Write) -> None:
    ledger = write(ENTRY + ENTRY.replace('step = "resume"', 'step = "after"'))
    assert apply(result(findings=(finding(), finding("after"))), ledger, TODAY).verdict is Verdict.EXPECTED_FAILURE


def test_the_day_after_its_last_an_entry_fails_the_cell(write: Write) -> None:
    after = apply(result(), write(ENTRY), date(2026, 6, 16))
    assert after.verdict is Verdict.FAILED
    assert after.findings[:-1] == result().findings
    assert after.findings[-1].message.endswith("expectations.toml:3 expired on 2026-06-15: @release has to see to https://example.invalid/214")
    assert after.findings[-1].position.line == 3


def test_a_cell_that_passes_although_it_is_listed_fails(write: Write) -> None:
    after = apply(result(Verdict.PASSED, ()), write(ENTRY), TODAY)
    assert after.verdict is Verdict.FAILED
    assert [item.aspect for item in after.findings] == ["ledger"]
    assert after.findings[0].message.endswith("expects it to fail in step resume: remove the entry")


FLAKY = ENTRY + 'outcome = "flaky"\n'
RETRIED = Finding(
    "resume", "flaky", "needed 2 runs: run 1 failed with text that retry knows", Position(Path("x.toml"), 3), ("+ run 1: WinError 10054",), "retry"
)


def test_what_fails_sometimes_may_pass_fail_or_hold_at_the_second_try(write: Write) -> None:
    passed, retried = result(Verdict.PASSED, ()), result(findings=(RETRIED,), stderr=b"")
    assert apply(passed, write(FLAKY), TODAY) == passed
    assert apply(result(), write(FLAKY), TODAY).verdict is Verdict.EXPECTED_FAILURE
    assert apply(retried, write(FLAKY), TODAY).verdict is Verdict.EXPECTED_FAILURE
    assert apply(retried, write(FLAKY.replace("WinError 1005", "WinError 2005")), TODAY).verdict is Verdict.FAILED
    assert apply(retried, write(FLAKY.replace('step = "resume"', 'step = "after"')), TODAY).verdict is Verdict.FAILED


def test_a_second_try_is_not_what_a_certain_failure_looks_like(write: Write) -> None:
    after = apply(result(findings=(RETRIED,), stderr=b""), write(ENTRY), TODAY)
    assert after.verdict is Verdict.FAILED
    (note,) = after.details["ledger"]  # type: ignore[misc]  # details are of any type
    assert note.endswith('expects a failure of step resume, but it held when it was tried again: that is outcome = "flaky"')


def test_an_entry_that_has_expired_is_red_even_where_the_cell_passes(write: Write) -> None:
    late = date(2026, 6, 16)
    assert apply(result(Verdict.PASSED, ()), write(FLAKY), late).verdict is Verdict.FAILED
    assert [entry.scenario for entry in expired(write(FLAKY), late)] == ["feature/upgrade/*"]
    assert expired(write(FLAKY), TODAY) == ()


@pytest.mark.parametrize("verdict", [Verdict.HARNESS_ERROR, Verdict.UNSUPPORTED])
@pytest.mark.parametrize("day", [TODAY, date(2030, 1, 1)])
def test_a_fault_of_the_harness_is_never_expected(write: Write, verdict: Verdict, day: date) -> None:
    assert apply(result(verdict), write(ENTRY), day) == result(verdict)


def test_entries_that_cover_nothing_are_found(write: Write) -> None:
    ledger = write(ENTRY + ENTRY.replace("feature/upgrade/*", "feature/gone"))
    left = unused(ledger, [("feature/upgrade/drain", "rolling", "frozen-win-x64"), ("unit/a", "", "native-linux-x64")])
    assert [entry.scenario for entry in left] == ["feature/gone"]
    assert unused(ledger, []) == ledger.entries


def test_case_and_artifact_may_be_left_out(write: Write) -> None:
    (entry,) = write(ENTRY.replace('case = "rolling"\n', "").replace('artifact = "frozen-*"\n', "")).entries
    assert (entry.case, entry.artifact) == ("*", "*")
    assert entry.covers("feature/upgrade/drain", "", "anything")


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        (ENTRY + 'reasn = "x"\n', "H2107", (11, 1), 'did you mean "reason"?'),
        (ENTRY.replace('owner = "@release"\n', ""), "H2101", (2, 1), '"owner"'),
        (ENTRY.replace('"the bootloader closes the socket"', '""'), "H2108", (7, 10), "reason"),
        (ENTRY.replace("2026-06-15", '"2026-06-15"'), "H3001", (10, 11), "without quotes"),
        (ENTRY.replace("2026-06-15", "2026-06-15T00:00:00Z"), "H3001", (10, 11), "without a time"),
        (ENTRY.replace(r"1005\d", "(1005"), "H2401", (6, 57), "regular expression"),
        (ENTRY.replace('"stderr"', '"stdrr"'), "H2103", (6, 37), "stderr"),
        (ENTRY + 'outcome = "slow"\n', "H2103", (11, 11), "flaky"),
        (ENTRY + ENTRY, "H3002", (12, 1), "line 2"),
        ("entry = 1\n", "H2102", (2, 9), "a list"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_way_out(tmp_path: Path, text: str, code: str, place: tuple[int, int], words: str) -> None:
    path = tmp_path / "expectations.toml"
    path.write_text("format = 1\n" + text.removeprefix("\n"))
    with pytest.raises(ScenarioError) as caught:
        read_ledger(path)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, (diagnostic.position.line, diagnostic.position.column)) == (code, place)
    assert words in render(diagnostic)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "expectations.toml"
    path.write_text("format = 2\nwhatever = 1\n")
    with pytest.raises(ScenarioError, match="H1009"):
        read_ledger(path)


LINES = st.lists(
    st.sampled_from([*ENTRY.splitlines(), "format = 1", "[entry]", "entry = []", 'where = "x"', "expires = 1", "where.step = []", "[[entry.where]]"]),
    max_size=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), LINES.map(lambda lines: "\n".join(lines).encode())))
def test_any_bytes_are_a_ledger_or_a_list_of_mistakes(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "expectations.toml"
    path.write_bytes(raw)
    try:
        assert isinstance(read_ledger(path), Ledger)
    except ScenarioError as error:
        assert error.diagnostics
