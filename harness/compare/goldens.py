"""Shared goldens: their names, and the comparison of a text with one, whatever assertion kind the text came from."""

from __future__ import annotations

from typing import Final

from harness.compare.base import CheckContext
from harness.compare.text import diff_lines
from harness.model.position import Position
from harness.model.verdict import Finding, GoldenUse

GOLDEN_CHECKS: Final = frozenset({"snapshot", "json.snapshot"})
"""The checks whose deviations a new golden would settle."""


def golden_key(scenario: str, case: str, step: str, stream: str) -> str:
    """The path of a golden below the snapshot directory. A file without a case table has no folder for the case."""
    return "/".join(part for part in (scenario, case, f"{step}.{stream}") if part)


def compare_golden(step: str, stream: str, actual: str, position: Position, check: str, context: CheckContext) -> tuple[Finding, ...]:
    """The findings of one golden; its use is recorded whatever the outcome, so that an update knows what the artifact printed."""
    key = context.golden_key(step, stream)
    golden = context.golden(key)
    context.record(GoldenUse(key, actual, position, matched=golden == actual, missing=golden is None))
    if golden is None:
        return (Finding(step, stream, f"there is no golden for {stream} yet; --snapshot-update records it", position, diff_lines("", actual), check),)
    if golden == actual:
        return ()
    return (Finding(step, stream, f"{stream} differs from the shared snapshot", position, diff_lines(golden, actual), check),)
