"""What a result format is: a name, the option that asks for it, and a function from a run to text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.report.run import Run


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a run down. Nothing but the run goes in, so that any results file can become any format at any time."""

    name: str
    """What ``conformance convert --to`` calls it."""
    option: str
    """The option of pytest that writes it at the end of a run; empty when there is none."""
    help: str
    text: Callable[[Run], Iterable[str]]
    """The file in pieces, in order."""
