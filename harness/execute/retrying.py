"""Failures that the platform is known for: told from any other by their text, tried again, and never passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from harness.compare.patience import search
from harness.compare.text import visible
from harness.model.flow import Retry
from harness.model.observation import Observation
from harness.model.verdict import Finding

CHECK: Final = "retry"
"""The check that finds a step flaky. It does not end the steps: in its last run the step did hold."""
_SEARCHED: Final = 1024 * 1024


def signature(retry: Retry, findings: Sequence[Finding], observation: Observation) -> str | None:
    """The line that shows the known failure; None when this run failed in another way.

    It is looked for in what the program printed and in what was found wrong; a leak is never the platform's.
    """
    if any(finding.aspect == "leak" for finding in findings):
        return None
    pattern = re.compile(retry.matches, re.MULTILINE)
    for text in _texts(findings, observation):
        match = search(pattern, text)
        if match is not None:
            return visible(text[text.rfind("\n", 0, match.start()) + 1 :].split("\n", 1)[0])
    return None


def flaky(step: str, retry: Retry, runs: int, lines: Sequence[str]) -> Finding:
    """A step that held after all. ``lines`` are those of the runs that did not."""
    message = f"needed {runs} runs: it failed with a text that retry knows ({retry.issue})"
    return Finding(step, "flaky", message, retry.position, tuple(f"+ run {number}: {line}" for number, line in enumerate(lines, 1)), CHECK)


def exhausted(step: str, retry: Retry, lines: Sequence[str]) -> Finding:
    """A step that never held, although every run failed in the known way."""
    message = f"failed in all {retry.times} runs with a text that retry knows ({retry.issue})"
    return Finding(step, "flaky", message, retry.position, tuple(f"+ run {number}: {line}" for number, line in enumerate(lines, 1)), CHECK)


def _texts(findings: Sequence[Finding], observation: Observation) -> Iterator[str]:
    for _, raw in observation.streams():
        yield raw[:_SEARCHED].decode("utf-8", "backslashreplace")
    for finding in findings:
        yield "\n".join((finding.message, *finding.diff))
