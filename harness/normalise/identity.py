"""Numbers for values that a program makes up: equal values of a kind get equal numbers, over all streams and steps of a cell."""

from __future__ import annotations


class Identities:
    """Grows while a cell is judged. A copy serves an attempt that may be thrown away."""

    __slots__ = ("_numbers",)

    def __init__(self, numbers: dict[str, dict[str, int]] | None = None) -> None:
        self._numbers: dict[str, dict[str, int]] = numbers or {}

    def placeholder(self, kind: str, value: str) -> str:
        """``<time:1>`` for the first time that is seen, ``<time:2>`` for the next different one."""
        known = self._numbers.setdefault(kind, {})
        return f"<{kind}:{known.setdefault(value, len(known) + 1)}>"

    def copy(self) -> Identities:
        return Identities({kind: dict(known) for kind, known in self._numbers.items()})
