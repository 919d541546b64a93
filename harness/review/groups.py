"""Pending differences as a person decides on them: equal hunks are one group, whatever cases, steps and artifacts they occur in.

A group can be accepted when all artifacts in question agree on the new text of each of its goldens, the reference artifact among them, and when the
goldens are still those that the run compared with. Otherwise it is blocked and says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from harness.compare.divergence import hunk
from harness.compare.text import diff_lines
from harness.model.verdict import Verdict
from harness.review.agreement import Refusal, Report, Use, settle
from harness.review.bundle import Bundle, BundleError, PendingCell, PendingUse, digest

Golden = Callable[[str], str | None]
"""The text of a golden today, or None when there is none."""


class State(Enum):
    """Whether a group waits for a decision or cannot be decided."""

    PENDING = "pending"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Change:
    """A golden that a group would write."""

    key: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Group:
    """Goldens that change in the same way."""

    id: str
    """Made from the content: the same difference has the same id in the next run and on another machine."""
    state: State
    diff: tuple[str, ...]
    changes: tuple[Change, ...]
    """Empty for a blocked group."""
    keys: tuple[str, ...]
    artifacts: tuple[str, ...]
    reason: str = ""

    @property
    def new(self) -> bool:
        return bool(self.changes) and all(change.old is None for change in self.changes)


@dataclass(frozen=True, slots=True)
class Pending:
    """All that bundles hold, as it stands today."""

    groups: tuple[Group, ...]
    others: tuple[str, ...]
    """Deviations that no golden settles, one sentence each."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One golden before it is grouped."""

    key: str
    artifacts: tuple[str, ...]
    diff: tuple[str, ...]
    change: Change | None
    reason: str = ""


def pending(bundles: Iterable[Bundle], golden: Golden, *, without_reference: bool = False) -> Pending:
    """What is left to decide. A golden that holds the new text already is settled and not mentioned."""
    known = tuple(bundles)
    cells = _merged(known)
    reference = known[0].reference if known else ""
    entries = [entry for case in _by_case(cells).values() for entry in _entries(case, golden, "" if without_reference else reference)]
    grouped: dict[object, list[_Entry]] = {}
    for entry in entries:
        grouped.setdefault(_sameness(entry), []).append(entry)
    groups = sorted((_group(items) for items in grouped.values()), key=lambda item: (item.state is State.BLOCKED, item.keys))
    others = tuple(f"{cell.name} on {cell.artifact}: {text}" for cell in cells if cell.verdict is Verdict.FAILED for text in cell.others)
    return Pending(tuple(groups), others)


def _merged(bundles: tuple[Bundle, ...]) -> list[PendingCell]:
    """The cells of all bundles; the same artifact must be the same build everywhere, and must have printed the same."""
    builds: dict[str, str] = {}
    merged: dict[tuple[str, str, str], PendingCell] = {}
    for bundle in bundles:
        if (bundle.program, bundle.reference) != (bundles[0].program, bundles[0].reference):
            raise BundleError(f"the bundles are of different suites: {bundle.program} ({bundle.reference}), {bundles[0].program} ({bundles[0].reference})")
        for artifact in bundle.artifacts:
            if builds.setdefault(artifact.id, artifact.sha256) != artifact.sha256:
                raise BundleError(f"the bundles hold different builds of {artifact.id}; take those of one build")
        for cell in bundle.cells:
            twin = merged.setdefault((cell.scenario, cell.case, cell.artifact), cell)
            if twin.uses != cell.uses:
                raise BundleError(f"the bundles differ in what {cell.artifact} printed for {cell.name}: it does not print the same each time")
    return [merged[key] for key in sorted(merged)]


def _by_case(cells: Iterable[PendingCell]) -> dict[tuple[str, str], list[PendingCell]]:
    cases: dict[tuple[str, str], list[PendingCell]] = {}
    for cell in cells:
        cases.setdefault((cell.scenario, cell.case), []).append(cell)
    return cases


def _entries(cells: list[PendingCell], golden: Golden, reference: str) -> Iterable[_Entry]:
    bases: dict[str, set[str | None]] = {}
    for cell in cells:
        for use in cell.uses:
            bases.setdefault(use.key, set()).add(use.base)
    today = {key: golden(key) for key in bases}
    planned = frozenset(artifact for cell in cells for artifact in cell.planned)
    writes, refusals = settle([_report(cell, today) for cell in cells], {cells[0].name: planned}, new_only=False)
    blocked = [_blocked(refusal, cells, today[refusal.key]) for refusal in refusals]
    for write in writes:
        old = today[write.key]
        artifacts = tuple(cell.artifact for cell in cells if _prints(cell, write.key))
        if bases[write.key] != {None if old is None else digest(old)}:
            blocked.append(
                _Entry(write.key, artifacts, diff_lines(old or "", write.text), None, "the golden is another one than the run compared with; run again")
            )
        elif reference and reference not in artifacts:
            reason = f"{reference}, the reference, has no say in it; add its bundle with --from, or pass --without-reference"
            blocked.append(_Entry(write.key, artifacts, diff_lines(old or "", write.text), None, reason))
        else:
            yield _Entry(write.key, artifacts, diff_lines(old or "", write.text), Change(write.key, old, write.text))
    yield from blocked


def _report(cell: PendingCell, today: Mapping[str, str | None]) -> Report:
    """The cell as far as goldens count: what deviates from nothing else is as good as passed."""
    verdict = Verdict.PASSED if cell.verdict is Verdict.FAILED and not cell.others else cell.verdict
    return Report(cell.name, cell.artifact, verdict, tuple(_use(use, today[use.key]) for use in cell.uses))


def _use(use: PendingUse, today: str | None) -> Use:
    """Held against the golden of today, so that what was accepted meanwhile is settled."""
    return Use(use.key, None if use.text == today else use.text, missing=today is None)


def _prints(cell: PendingCell, key: str) -> bool:
    judged = cell.verdict not in (Verdict.EXPECTED_FAILURE, Verdict.UNSUPPORTED)
    return judged and any(use.key == key for use in cell.uses)


def _blocked(refusal: Refusal, cells: list[PendingCell], today: str | None) -> _Entry:
    """Shows where artifacts diverge or, when the refusal is for another reason, the first text that is not the golden."""
    judged = [cell for cell in cells if _prints(cell, refusal.key)]
    texts = (use.text for cell in judged for use in cell.uses if use.key == refusal.key)
    new = next((text for text in texts if text is not None and text != today), None)
    diff = refusal.diff or (() if new is None else diff_lines(today or "", new))
    return _Entry(refusal.key, tuple(cell.artifact for cell in judged), diff, None, refusal.reason)


def _sameness(entry: _Entry) -> object:
    """Equal for goldens that change in the same way. A diff that was cut does not show all of it, so then the whole texts must be equal."""
    cut = any("… " in line or "… (+" in line for line in entry.diff)
    change = entry.change
    whole = (change.old, change.new) if cut and change else entry.key if cut else None
    return hunk(entry.diff), entry.reason, change is not None and change.old is None, whole


def _group(entries: list[_Entry]) -> Group:
    first = entries[0]
    changes = tuple(sorted((entry.change for entry in entries if entry.change is not None), key=lambda change: change.key))
    name = hashlib.sha256(repr(_sameness(first)).encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return Group(
        id=name,
        state=State.PENDING if changes else State.BLOCKED,
        diff=first.diff,
        changes=changes,
        keys=tuple(sorted(entry.key for entry in entries)),
        artifacts=tuple(sorted({artifact for entry in entries for artifact in entry.artifacts})),
        reason=first.reason,
    )
