"""How loading ends when a file holds mistakes: one error that carries all of them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model.position import Diagnostic


class ScenarioError(Exception):
    """A file that somebody wrote cannot be used. ``diagnostics`` holds every mistake, in the order of the file; it is never empty."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(f"{item.position} {item.code} {item.message}" for item in diagnostics))
        self.diagnostics = tuple(diagnostics)
