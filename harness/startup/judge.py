"""What a fresh row says about the committed one: grown, shrunk, within, or not judged with the reason; growth names its culprits.

A run that has shrunk is no fault, but until the ledger is taken again it may grow back unseen; so that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.startup.record import Count, Ledger, Row

GROWTH = 0.02
WITHIN = "within"
GROWN = "grown"
SHRUNK = "shrunk"
UNKNOWN = "unknown"
NOT_JUDGED = "not judged"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row's standing; ``lines`` are whole sentences, the culprits among them."""

    run: str
    artifact: str
    standing: str
    lines: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        return self.standing in (GROWN, UNKNOWN)


def judge(committed: Ledger, fresh: Iterable[Row]) -> tuple[Verdict, ...]:
    """A verdict per fresh row."""
    return tuple(_judge(committed.row(row.run, row.artifact), row) for row in fresh)


def _judge(before: Row | None, now: Row) -> Verdict:
    if before is None:
        return Verdict(now.run, now.artifact, UNKNOWN, ("has no row in the ledger; take one with: conformance startup --update",))
    if before.interpreter != now.interpreter:
        why = f"recorded under {before.interpreter or 'no interpreter'}, runs here under {now.interpreter or 'none'}"
        return Verdict(now.run, now.artifact, NOT_JUDGED, (why,))
    lines = [*_instructions(before, now), *_names("modules", before.modules, now.modules), *_names("files", before.files, now.files), *_calls(before, now)]
    if lines:
        return Verdict(now.run, now.artifact, GROWN, tuple(lines))
    if now.instructions < before.instructions * (1 - GROWTH):
        return Verdict(now.run, now.artifact, SHRUNK, (_change(before, now) + "; conformance startup --update makes that the new mark",))
    return Verdict(now.run, now.artifact, WITHIN)


def _instructions(before: Row, now: Row) -> list[str]:
    if not _grown(before.instructions, now.instructions):
        return []
    culprits = _dearer(before.functions, now.functions)
    return [_change(before, now) + (f"; most of it in {', '.join(culprits)}" if culprits else "")]


def _change(before: Row, now: Row) -> str:
    percent = 100 * (now.instructions - before.instructions) / before.instructions
    return f"{now.instructions:,} instructions, {before.instructions:,} before ({percent:+.1f} %)"


def _names(what: str, before: Sequence[str], now: Sequence[str]) -> list[str]:
    """More than two per cent more of them, with the new ones by name."""
    if not _grown(len(before), len(now)):
        return []
    new = sorted(set(now) - set(before))
    rest = f" and {len(new) - _SHOWN} more" if len(new) > _SHOWN else ""
    return [f"{len(now)} {what}, {len(before)} before; new: {', '.join(new[:_SHOWN])}{rest}"]


def _calls(before: Row, now: Row) -> list[str]:
    old, new = (sum(count.count for count in row.calls) for row in (before, now))
    if not _grown(old, new):
        return []
    return [f"{new} system calls, {old} before; more of {', '.join(_dearer(before.calls, now.calls))}"]


def _dearer(before: Sequence[Count], now: Sequence[Count]) -> list[str]:
    """What grew most, dearest first. What was below the line when the ledger was taken counts as new, which is too much by that line at most."""
    old = Counter({count.name: count.count for count in before})
    rows = sorted(((count.count - old[count.name], count.name) for count in now), key=lambda row: (-row[0], row[1]))
    return [f"{name} (+{more:,})" for more, name in rows[:_SHOWN] if more > 0]


def _grown(before: int, now: int) -> bool:
    return now > before * (1 + GROWTH)
