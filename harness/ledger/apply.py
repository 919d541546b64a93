"""What the ledger makes of a result. It can turn a failure into an expected one, and nothing else into anything better.

A failure is expected when every finding lies in the step of a covering entry and shows its pattern, before the entry has expired. A cell that
passes although an entry says that it always fails has failed: the entry must go. A step that held only after it was tried again is expected where an
entry says flaky, and nowhere else. Harness errors and unsupported cells stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from harness.ledger.entries import Entry, Ledger, Outcome
from harness.model.observation import Observation
from harness.model.verdict import CellResult, Finding, Verdict

RETRIED: Final = "retry"
"""The check of a step that held only after it was tried again."""
_SEARCHED: Final = 1024 * 1024
"""Characters of a stream in which a pattern is looked for."""


def apply(result: CellResult, ledger: Ledger, today: date) -> CellResult:
    """The result with known differences taken into account; notes on entries that did not help are in ``details["ledger"]``."""
    if result.verdict not in (Verdict.PASSED, Verdict.FAILED):
        return result
    entries = ledger.covering(result.scenario, result.case, result.artifact)
    if not entries:
        return result
    wrong = [entry for entry in entries if result.verdict is Verdict.PASSED and entry.outcome is Outcome.FAIL]
    if wrong:
        return _failed(
            result,
            [_finding(entry, f"it passes although {_place(entry)} expects it to fail in step {entry.where.step}: remove the entry") for entry in wrong],
        )
    over = [entry for entry in entries if entry.expired(today)]
    if over:
        return _failed(result, [_finding(entry, f"{_place(entry)} expired on {entry.expires}: {entry.owner} has to see to {entry.issue}") for entry in over])
    if result.verdict is Verdict.PASSED:
        return result
    explained = [next((entry for entry in entries if _explains(entry, finding, result)), None) for finding in result.findings]
    if all(explained):
        used = dict.fromkeys(entry for entry in explained if entry is not None)
        return replace(result, verdict=Verdict.EXPECTED_FAILURE, reason="; ".join(f"{entry.reason} ({entry.issue}, {entry.owner})" for entry in used))
    return replace(result, details={**result.details, "ledger": tuple(_note(entry, result) for entry in entries)})


def unused(ledger: Ledger, cells: Iterable[tuple[str, str, str]]) -> tuple[Entry, ...]:
    """Entries that cover none of the cells (scenario, case, artifact); only a run of all cells can tell."""
    left = list(ledger.entries)
    for scenario, case, artifact in cells:
        left = [entry for entry in left if not entry.covers(scenario, case, artifact)]
        if not left:
            break
    return tuple(left)


def expired(ledger: Ledger, today: date) -> tuple[Entry, ...]:
    """Entries whose last day is over, whether a cell that they cover was run or not."""
    return tuple(entry for entry in ledger.entries if entry.expired(today))


def _explains(entry: Entry, finding: Finding, result: CellResult) -> bool:
    if finding.check == RETRIED and entry.outcome is not Outcome.FLAKY:
        return False
    return finding.step == entry.where.step and any(entry.where.matches.search(text) for text in _evidence(entry, finding, result))


def _evidence(entry: Entry, finding: Finding, result: CellResult) -> Sequence[str]:
    """What the pattern is held against: the stream as it was printed, or the finding's own message and difference."""
    if entry.where.stream is None or finding.check == RETRIED:
        # What a step printed when it held in the end says nothing of why it did not at first; the finding does.
        return ["\n".join((finding.message, *finding.diff))]
    streams = (observation.stdout if entry.where.stream == "stdout" else observation.stderr for observation in _of_step(entry.where.step, result))
    return [stream[:_SEARCHED].decode("utf-8", "backslashreplace") for stream in streams]


def _of_step(step: str, result: CellResult) -> list[Observation]:
    return [observation for observation in result.observations if observation.step == step]


def _failed(result: CellResult, findings: Sequence[Finding]) -> CellResult:
    return replace(result, verdict=Verdict.FAILED, findings=(*result.findings, *findings))


def _finding(entry: Entry, message: str) -> Finding:
    return Finding(entry.where.step, "ledger", message, entry.position, (), "ledger")


def _place(entry: Entry) -> str:
    return f"{entry.position.path.as_posix()}:{entry.position.line}"


def _note(entry: Entry, result: CellResult) -> str:
    """Why an entry that covers the cell does not make its failure an expected one."""
    elsewhere = sorted({finding.step for finding in result.findings if finding.step != entry.where.step})
    if elsewhere:
        return f"{_place(entry)} expects a failure in step {entry.where.step}, but {', '.join(elsewhere)} failed"
    if entry.outcome is Outcome.FAIL and any(finding.check == RETRIED for finding in result.findings):
        return f'{_place(entry)} expects a failure of step {entry.where.step}, but it held when it was tried again: that is outcome = "flaky"'
    what = entry.where.stream or "the finding"
    return f'{_place(entry)} expects {what} of step {entry.where.step} to match "{entry.where.matches.pattern}", and it does not'
