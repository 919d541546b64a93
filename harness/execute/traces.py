"""What the programs of a cell leave behind in its sandbox, and what they do to its directories: each is told once.

A program that rightly keeps files in the home of its user is given a home inside its working directory (``env.HOME = "${sandbox}/home"``), where
``files`` accounts for them.
"""

from __future__ import annotations

from typing import Final

from harness.compare.text import visible
from harness.execute.sandbox import Sandbox, Stray
from harness.model.step import Step
from harness.model.verdict import Finding

_TOLD: Final = 20
_WORDS: Final = {
    "temporary": "a temporary file was left behind: <tmp>/",
    "home": "a file was left in the home directory: <home>/",
    "outside": "a file was left outside of the working directory: <sandbox>/../",
}


class Traces:
    """Looks at the sandbox of one cell."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._known: frozenset[Stray] = frozenset()
        self._damages: list[str] = []

    def accept(self) -> None:
        """What lies there now was put there by the harness."""
        self._known = self._sandbox.strays()

    def mend(self) -> None:
        """The directories are what they have to be afterwards, so that the next step can begin; what was wrong is told with the next findings."""
        self._damages += self._sandbox.mend()

    def findings(self, step: Step, *, excused: bool) -> tuple[Finding, ...]:
        """What is new since the last time. Excused: of a process that was killed, which could not clean up."""
        self.mend()
        now = self._sandbox.strays()
        new, self._known = sorted(now - self._known, key=lambda stray: (stray.kind, stray.name)), now
        damages, self._damages = self._damages, []
        if excused:
            return ()
        if sum(stray.kind == "temporary" for stray in new) <= step.leaks.temporary:
            new = [stray for stray in new if stray.kind != "temporary"]
        told = [
            *(Finding(step.id, "leak", f"{what} by the program", step.position, (), "directory") for what in damages),
            *(Finding(step.id, "leak", f"{_WORDS[stray.kind]}{visible(stray.name)}", step.position, (), stray.kind) for stray in new[:_TOLD]),
        ]
        if len(new) > _TOLD:
            told.append(Finding(step.id, "leak", f"{len(new) - _TOLD} more files were left behind", step.position, (), "more"))
        return tuple(told)
