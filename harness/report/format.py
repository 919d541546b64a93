"""What a result format is: a name, the option that asks for it, and a function from a run to text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from harness.report.run import Run


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a run down. Nothing but the run goes in, so that any results file can become any format at any time."""

    name: str
    """What ``conformance convert --to`` calls it."""
    option: str
    """The option of pytest that writes it at the end of a run; empty when there is none."""
    help: str
    function: str
    """Where it is made, as ``module:function``; loaded when it is asked for, because every process of a run knows the options."""

    def text(self, run: Run) -> Iterable[str]:
        """The file in pieces, in order."""
        module, _, name = self.function.partition(":")
        make: Callable[[Run], Iterable[str]] = getattr(import_module(module), name)
        return make(run)
