"""CTRF JSON (Common Test Report Format): one test per cell, checked against what its schema allows.

CTRF knows passed, failed, skipped, pending and other; ``rawStatus`` keeps our word. A harness error counts as failed, because nothing else in CTRF turns
a build red; an expected or tolerated failure is ``other``, because it is neither passed nor skipped; unsupported is ``skipped`` and says why.
What is wrong beyond single cells is a failed test of its own.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from harness.model.verdict import Verdict
from harness.report.run import TOLERATED, CellEvent, NotRunEvent, Run
from harness.report.wording import explanation, headline

SPEC = "0.1.0"
STATUSES = ("passed", "failed", "skipped", "pending", "other")
STATUS = {
    Verdict.PASSED.value: "passed",
    Verdict.FAILED.value: "failed",
    Verdict.HARNESS_ERROR.value: "failed",
    Verdict.EXPECTED_FAILURE.value: "other",
    TOLERATED: "other",
    Verdict.UNSUPPORTED.value: "skipped",
}
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "omnirelay-conformance/ctrf")
"""Test ids are made from names, so that a test keeps its id over runs."""


def ctrf(run: Run) -> Iterator[str]:
    """The file in pieces: a test is a piece, so that 50,000 of them need no room."""
    rows = [*(_row(run, row, "problem", "failed") for row in run.problems), *(_row(run, row, "not-run", "skipped") for row in run.gaps)]
    counted = Counter(STATUS[cell.shown] for cell in run.cells) + Counter(str(row["status"]) for row in rows)
    start = _milliseconds(run.started)
    summary = {
        "tests": len(run.cells) + len(rows),
        **{status: counted[status] for status in STATUSES},
        "suites": len({(cell.artifact, cell.scenario) for cell in run.cells}),
        "start": start,
        "stop": start + round(run.seconds * 1000),
        "duration": round(run.seconds * 1000),
        "extra": {"verdicts": dict(run.shown)},
    }
    head = {"reportFormat": "CTRF", "specVersion": SPEC, "generatedBy": "omnirelay-conformance"}
    yield _json(head)[:-1] + ',"results":{"tool":{"name":"omnirelay-conformance"},"summary":' + _json(summary) + ',"tests":['
    first = True
    for test in (*(_test(run, cell) for cell in run.cells), *rows):
        yield ("\n" if first else ",\n") + _json(test)
        first = False
    yield '\n],"environment":' + _json(_environment(run)) + "}}\n"


def _test(run: Run, cell: CellEvent) -> dict[str, object]:
    test: dict[str, object] = {
        "id": str(uuid.uuid5(NAMESPACE, _json([run.program, *cell.identity]))),
        "name": f"{cell.scenario} :: {cell.case or cell.scenario.rpartition('/')[2]} [{cell.artifact}]",
        "status": STATUS[cell.shown],
        "rawStatus": cell.shown,
        "duration": round(cell.seconds * 1000),
        "suite": [cell.artifact, *cell.scenario.split("/")],
        "type": cell.tier,
        "filePath": f"{run.scenarios}/{cell.scenario}.toml",
        "tags": [cell.level, cell.tier],
        "parameters": {"artifact": cell.artifact, "case": cell.case},
    }
    if cell.verdict is not Verdict.PASSED:
        test["message"] = headline(cell)
        test["trace"] = "\n".join(explanation(run, cell))
    if cell.kept:
        test["attachments"] = [{"name": path.rpartition("/")[2], "contentType": _content_type(path), "path": path} for path in cell.kept]
    return test


def _row(run: Run, row: NotRunEvent, raw: str, status: str) -> dict[str, object]:
    name = row.what or raw
    identity = str(uuid.uuid5(NAMESPACE, _json([run.program, raw, row.what, row.why])))
    return {"id": identity, "name": name, "status": status, "rawStatus": raw, "duration": 0, "suite": [raw], "message": row.why}


def _environment(run: Run) -> dict[str, object]:
    version = next((artifact.version for artifact in run.artifacts if artifact.id == run.reference), "")
    artifacts = [{"id": artifact.id, "sha256": artifact.sha256, "version": artifact.version} for artifact in run.artifacts]
    extra: dict[str, object] = {"artifacts": artifacts, "reference": run.reference, "suite": run.suite, "reproduce": run.reproduce_all()}
    if run.shard:
        extra["shard"] = str(run.shard)
    return {"appName": run.program, "appVersion": version, "healthy": not run.red, "extra": extra}


def _content_type(path: str) -> str:
    return "application/zip" if path.endswith(".zip") else "application/octet-stream"


def _milliseconds(started: str) -> int:
    try:
        return round(datetime.fromisoformat(started).timestamp() * 1000)
    except (ValueError, OverflowError):  # no time, as in a canonical file
        return 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
