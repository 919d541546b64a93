"""How long cases took: what ``--shard`` divides a suite by. Made from a results file, committed beside the scenarios, read strictly.

Milliseconds, rounded to two digits: a machine that is a little faster must not change the file, and no shard is balanced better than that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import floor, log10
from pathlib import Path

from harness.report import events
from harness.report.run import Run
from harness.strict_json import no_constant, unique

VERSION = 1
NAME = "durations.json"
"""The file that ``--shard`` looks for in the scenario tree."""
MAX_BYTES = 64 * 1024 * 1024
MAX_MILLISECONDS = 1e9

Durations = Mapping[tuple[str, str], Mapping[str, float]]
"""Scenario and case to artifact to milliseconds."""


class DurationsError(Exception):
    """The file cannot be used; the text says why and what to do."""


def durations(run: Run) -> Iterator[str]:
    """The file in pieces: a scenario on each line, so that a change is easy to review."""
    tree: dict[str, dict[str, dict[str, float]]] = {}
    for cell in sorted(run.cells, key=lambda cell: cell.identity):
        tree.setdefault(cell.scenario, {}).setdefault(cell.case, {})[cell.artifact] = rounded(cell.seconds * 1000)
    yield f'{{"format": {VERSION}, "unit": "ms", "scenarios": {{'
    rows = (f"\n{json.dumps(scenario)}: {json.dumps(cases)}" for scenario, cases in tree.items())
    first = True
    for row in rows:
        yield row if first else f",{row}"
        first = False
    yield "\n}}\n"


def rounded(milliseconds: float) -> float:
    """Two digits that count, and whole numbers without a point."""
    if milliseconds <= 0:
        return 0
    value = round(milliseconds, 1 - floor(log10(milliseconds)))
    return int(value) if value == int(value) else value


def read_durations(path: Path) -> Durations:
    """The durations in ``path``, which is such a file or the results of a run."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DurationsError(f"{path}: cannot be read: {error.strerror}") from None
    if b'"type": "header"' in raw.partition(b"\n")[0]:
        return _of_results(path)
    if len(raw) > MAX_BYTES:
        raise DurationsError(f"{path}: is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise DurationsError(f"{path}: is neither durations nor the results of a run: {error}") from None
    if not isinstance(document, dict) or document.get("format") != VERSION or isinstance(document.get("format"), bool) or document.get("unit") != "ms":
        raise DurationsError(f"{path}: is not a list of durations of format {VERSION}; write one with conformance convert RESULTS --to durations")
    return _table(document.get("scenarios"), path)


def _of_results(path: Path) -> Durations:
    try:
        run = events.read(path)
    except events.EventsError as error:
        raise DurationsError(str(error)) from None
    found: dict[tuple[str, str], dict[str, float]] = {}
    for cell in run.cells:
        found.setdefault((cell.scenario, cell.case), {})[cell.artifact] = rounded(cell.seconds * 1000)
    return found


def _table(scenarios: object, path: Path) -> Durations:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for scenario, cases in _items(scenarios, path, "scenarios"):
        for case, artifacts in _items(cases, path, scenario):
            row = found.setdefault((scenario, case), {})
            for artifact, value in _items(artifacts, path, f"{scenario}::{case}"):
                if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_MILLISECONDS:
                    raise DurationsError(f"{path}: {scenario}::{case} on {artifact}: {value!r} is not a number of milliseconds")
                row[artifact] = value
    return found


def _items(table: object, path: Path, where: str) -> Iterator[tuple[str, object]]:
    if not isinstance(table, dict):
        raise DurationsError(f"{path}: {where} must be a JSON object")
    yield from table.items()
