"""What the scenario files say they would exercise, for when there was no run: command lines, the exit codes that are expected, and the texts of stderr.

A value that only a run knows (the address of a server, a captured value) stands as ``<name>``. A step that polls or is called counts like any other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from harness.compare.exits import exit_values
from harness.compare.golden_keys import golden_keys
from harness.compare.goldens import golden_key
from harness.coverage.exercise import Exercise, Exercised
from harness.load.errors import ScenarioError
from harness.load.scenarios import is_scenario, load_file
from harness.model.scenario import Case, Scenario
from harness.model.step import Step
from harness.model.template import Template, fill, fill_arguments, fill_value

_SIGNALS: Final = {"INT": 130, "TERM": 143, "KILL": 137}


def declared(root: Path, snapshots: Path) -> Exercised:
    """Files that cannot be loaded are passed over: the linter tells of them."""
    found: dict[Exercise, None] = {}
    for path in sorted(path for path in root.rglob("*.toml") if is_scenario(path, root)):
        try:
            scenario = load_file(path, root)
        except ScenarioError:
            continue
        for case in scenario.cases:
            found |= dict.fromkeys(_of_case(scenario, case, snapshots))
    return Exercised("what the scenario files say, for no run has left a record", False, tuple(found))


def _of_case(scenario: Scenario, case: Case, snapshots: Path) -> Iterator[Exercise]:
    lookup = _lookup(scenario, case)
    keys = frozenset(golden_keys(scenario, case))
    for step in (*scenario.steps, *scenario.always):
        templates = getattr(step.verb, "arguments", None)
        if not isinstance(templates, tuple) or not all(isinstance(item, Template) for item in templates):
            continue
        arguments = fill_arguments(templates, lookup)
        said = "\n".join(_stderr(scenario, case, step, keys, snapshots, lookup))
        yield from (Exercise(arguments, code, said) for code in _codes(scenario, step, lookup))


def _lookup(scenario: Scenario, case: Case) -> Callable[[str], object]:
    def lookup(name: str) -> object:
        if name.startswith("case.") and (column := name.removeprefix("case.")) in case.columns:
            return case.columns[column]
        if name in scenario.arguments:
            return fill_value(scenario.arguments[name], lookup)
        return f"<{name}>"

    return lookup


def _codes(scenario: Scenario, step: Step, lookup: Callable[[str], object]) -> Iterator[int]:
    """What the step expects of its program; for one that is started, what those that wait for it expect."""
    steps = [other for other in (*scenario.steps, *scenario.always) if other.program == step.id] or [step]
    for one in steps:
        expected = one.exit
        try:
            codes, signals = exit_values(fill_value(expected.column, lookup)) if expected.column is not None else (expected.codes, expected.signals)
        except ValueError:
            continue
        yield from codes
        yield from (_SIGNALS[name] for name in signals if name in _SIGNALS)
        if not codes and not signals:
            yield 0


def _stderr(scenario: Scenario, case: Case, step: Step, keys: frozenset[str], snapshots: Path, lookup: Callable[[str], object]) -> Iterator[str]:
    key = golden_key(scenario.id, case.id, step.id, "stderr")
    if key in keys and (snapshots / key).is_file():
        yield (snapshots / key).read_text("utf-8", "backslashreplace")
    for assertion in step.stderr.assertions:
        for member in dataclasses.fields(assertion):
            value = getattr(assertion, member.name)
            yield from (fill(item, lookup) for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, Template))
