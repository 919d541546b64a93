"""Changes for a terminal, for a program, and for release notes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.interface.diff import CLASSES, Change

FORMAT = 1
TITLES = {"breaking": "Breaking", "added": "Added", "text": "Text only"}
NONE = "The interface is the same."


def text(changes: Sequence[Change]) -> str:
    """One line per change, its class first."""
    return "".join(f"{change.kind:<8}  {change.subject}: {change.what}\n" for change in changes) or NONE + "\n"


def as_json(changes: Sequence[Change]) -> str:
    """A document with a count per class and every change."""
    counts = {kind: sum(change.kind == kind for change in changes) for kind in CLASSES}
    rows = [{"class": change.kind, "subject": change.subject, "change": change.what} for change in changes]
    return json.dumps({"format": FORMAT, "counts": counts, "changes": rows}, indent=2, ensure_ascii=False) + "\n"


def markdown(changes: Sequence[Change]) -> str:
    """A heading per class that has changes."""
    parts = []
    for kind in CLASSES:
        rows = [change for change in changes if change.kind == kind]
        if rows:
            parts.append(f"### {TITLES[kind]}\n\n" + "".join(f"- `{change.subject}`: {change.what}\n" for change in rows))
    return "\n".join(parts) or NONE + "\n"


RENDERERS = {"text": text, "json": as_json, "markdown": markdown}
"""A new way to show changes is one function and one entry here."""
