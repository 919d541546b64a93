"""Values that a step hands to later ones, taken from what the process really printed, before anything is normalised."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.compare.jsonpath import JsonPath, parse_path, select
from harness.compare.jsontext import parse_json
from harness.compare.patience import search
from harness.model.observation import Observation
from harness.model.step import Capture, Step
from harness.model.verdict import Finding


def take(step: Step, observation: Observation) -> tuple[Mapping[str, object], tuple[Finding, ...]]:
    """The captured values by name, and a finding for each one that is not there. A missing optional one is the empty text."""
    values: dict[str, object] = {}
    findings: list[Finding] = []
    for capture in step.captures:
        try:
            values[capture.name] = _value(capture, observation)
        except ValueError as error:
            if capture.optional:
                values[capture.name] = ""
            else:
                findings.append(Finding(step.id, "capture", f'"{capture.name}" cannot be captured: {error}', capture.position, (), "capture"))
    return values, tuple(findings)


def _value(capture: Capture, observation: Observation) -> object:
    if capture.exit:
        return "" if observation.exit is None or observation.exit.code is None else observation.exit.code
    raw = observation.stderr if capture.stream == "stderr" else observation.stdout
    text = raw.decode("utf-8", "backslashreplace")
    if capture.json is not None:
        return _json_value(capture.json, text)
    if capture.matches is not None:
        match = search(re.compile(capture.matches, re.MULTILINE), text)
        if match is None or match[1] is None:
            raise ValueError(f"nothing matches {capture.matches}")
        return match[1]
    return text.removesuffix("\n").removesuffix("\r")


def _json_value(source: str, text: str) -> object:
    path = parse_path(source)
    assert isinstance(path, JsonPath), "the loader accepts only valid paths"
    try:
        selection = select(parse_json(text), path)
    except ValueError as error:
        raise ValueError(f"stdout is not JSON: {error}") from None
    if len(selection.found) != 1:
        raise ValueError(f"{source} selects {len(selection.found) or 'no'} values, not one")
    return selection.found[0][1]
