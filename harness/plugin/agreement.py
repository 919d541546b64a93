"""What a run knows about its goldens: which deviations wait for an update, and what each artifact printed.

During an update a deviation from a golden is not a failure yet, for it may become the new golden. So ``defer`` takes it out of the result, and
``harness.review.agreement`` decides when all cells of the run have reported.
"""

from __future__ import annotations

from dataclasses import replace

from harness.compare.goldens import GOLDEN_CHECKS
from harness.model.verdict import CellResult, Finding, Verdict
from harness.review.agreement import Use


def defer(result: CellResult) -> CellResult:
    """The result without its deviations from goldens; it passes when nothing else is wrong."""
    rest = tuple(finding for finding in result.findings if not is_golden(finding))
    if result.verdict is not Verdict.FAILED or len(rest) == len(result.findings):
        return result
    return replace(result, findings=rest, verdict=Verdict.FAILED if rest else Verdict.PASSED)


def is_golden(finding: Finding) -> bool:
    return finding.check in GOLDEN_CHECKS


def uses_of(result: CellResult) -> tuple[Use, ...]:
    """The last use of each golden, for a step that polls is judged by its last attempt. A text that is right already need not travel."""
    last = {use.key: use for use in result.goldens}
    return tuple(Use(use.key, None if use.matched else use.actual, use.missing) for use in last.values())
