"""Reads ``expectations.toml`` strictly: every key is known, every entry has a reason, an owner, an issue and a last day."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Final

from harness.compare.patterns import bind_pattern
from harness.ledger.entries import Entry, Ledger, Outcome, Where
from harness.load.document import Document
from harness.load.names import Names
from harness.load.node import Node, root
from harness.load.shape import NAME, TEXT, Key, Shape

_STREAMS: Final = ("stdout", "stderr")
_OUTCOMES: Final = [outcome.value for outcome in Outcome]
_WHERE: Final = Shape(
    "where",
    {
        "step": Key(NAME, "id of the step that fails", required=True),
        "stream": Key({"enum": list(_STREAMS)}, "the stream that the pattern is looked for in; without it, the message of the finding"),
        "matches": Key(TEXT, "a regular expression that the failure shows", required=True),
    },
    aliases={"pattern": "matches", "regex": "matches"},
)
_ENTRY: Final = Shape(
    "[[entry]]",
    {
        "scenario": Key(TEXT, "id of the scenario; * and ? may stand for anything", required=True),
        "case": Key(TEXT, "id of the case, every case when absent"),
        "artifact": Key(TEXT, "id of the artifact, every artifact when absent"),
        "outcome": Key({"enum": _OUTCOMES}, "what is known to happen: it fails every time (when absent), or sometimes"),
        "where": Key(_WHERE.schema(), "how exactly it fails", required=True),
        "reason": Key(TEXT, "why it differs", required=True),
        "issue": Key(TEXT, "where it is followed up", required=True),
        "owner": Key(TEXT, "who answers for it", required=True),
        "expires": Key({}, "the last day on which it is accepted, a date without quotes", required=True),
    },
    aliases={"why": "reason", "until": "expires", "expiry": "expires", "url": "issue", "cases": "case", "artifacts": "artifact"},
)
_FILE: Final = Shape(
    "the ledger",
    {
        "format": Key({"enum": [1]}, "the version of the format", required=True),
        "entry": Key({"type": "array", "items": _ENTRY.schema()}, "one known difference"),
    },
    aliases={"entries": "entry", "version": "format"},
)


def read_ledger(path: Path) -> Ledger:
    """The ledger of a file; raises ``harness.load.errors.ScenarioError`` with every mistake that it holds."""
    document = Document.read(path)
    keys = root(document).table(_FILE) or {}
    if "format" in keys and (keys["format"].value != 1 or keys["format"].value is True):
        keys["format"].report("H1009", f"format {keys['format'].value!s:.40} is unknown", "this version of the suite reads format = 1")
        raise document.error()
    items = keys["entry"].items() if "entry" in keys else []
    entries = [_entry(item) for item in items or ()]
    known: dict[tuple[object, ...], Entry] = {}
    for item, entry in zip(items or (), entries, strict=True):
        if entry is not None:
            _refuse_twin(item, entry, known)
    if document.diagnostics:
        raise document.error()
    return Ledger(tuple(entry for entry in entries if entry is not None), path)


def _entry(node: Node) -> Entry | None:
    keys = node.table(_ENTRY)
    if keys is None:
        return None
    text = {name: keys[name].text() for name in ("scenario", "case", "artifact", "reason", "issue", "owner") if name in keys}
    outcome: str | None = Outcome.FAIL.value
    if "outcome" in keys:
        outcome = keys["outcome"].choice(_OUTCOMES)
    expires = _day(keys["expires"]) if "expires" in keys else None
    where = _where(keys["where"]) if "where" in keys else None
    scenario, reason, issue, owner = (text.get(name) for name in ("scenario", "reason", "issue", "owner"))
    if scenario is None or reason is None or issue is None or owner is None or expires is None or where is None or outcome is None:
        return None
    case, artifact = text.get("case") or "*", text.get("artifact") or "*"
    return Entry(scenario, where, reason, issue, owner, expires, node.position, case, artifact, Outcome(outcome))


def _where(node: Node) -> Where | None:
    keys = node.table(_WHERE)
    if keys is None:
        return None
    step = keys["step"].identifier() if "step" in keys else None
    stream = keys["stream"].choice(_STREAMS) if "stream" in keys else None
    pattern = bind_pattern(keys["matches"], Names()) if "matches" in keys else None
    if step is None or pattern is None or pattern.literal is None:
        return None
    return Where(step, re.compile(pattern.literal, re.MULTILINE), stream)


def _day(node: Node) -> date | None:
    if isinstance(node.value, date) and not isinstance(node.value, datetime):
        return node.value
    node.report("H3001", f'"{node.key}" must be a day', "write it without quotes and without a time, like 2026-12-01")
    return None


def _refuse_twin(node: Node, entry: Entry, known: dict[tuple[object, ...], Entry]) -> None:
    """Two entries for the same thing cannot both be kept up to date."""
    key = (entry.scenario, entry.case, entry.artifact, entry.where)
    twin = known.setdefault(key, entry)
    if twin is not entry:
        node.report("H3002", f"this entry says the same as the one in line {twin.position.line}", "keep one of them", at_key=True)
