"""Whether a changelog announces what breaks: a bullet under "Unreleased" that says Breaking and names the subject in backquotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.interface.diff import BREAKING, Change

_SECTION = re.compile(r"^## +unreleased\b.*?$(?P<body>.*?)(?=^## |\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_BULLET = re.compile(r"^[-*] +(?P<text>.*(?:\n(?![-*#]|\s*$).*)*)", re.MULTILINE)
_WORD = re.compile(r"\bbreaking\b", re.IGNORECASE)


def unannounced(changes: Sequence[Change], changelog: str) -> tuple[Change, ...]:
    """The breaking changes that no entry speaks of."""
    section = _SECTION.search(changelog)
    entries = [match["text"] for match in _BULLET.finditer(section["body"])] if section is not None else []
    warnings = [entry for entry in entries if _WORD.search(entry)]
    return tuple(change for change in changes if change.kind == BREAKING and not any(f"`{change.subject}`" in entry for entry in warnings))


def demand(missing: Sequence[Change]) -> str:
    """What to write, one line per change."""
    return "".join(f"CHANGELOG.md, Unreleased: add a line such as: - Breaking: `{change.subject}`: {change.what}.\n" for change in missing)
