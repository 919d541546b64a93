"""Values collected over all runs of a step, and what can be said of the whole list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from harness.compare.jsonpath import JsonPath, Selection, parse_path, select
from harness.compare.jsontext import brief, differences, parse_json
from harness.compare.patience import search_all
from harness.compare.predicates.base import Predicate
from harness.compare.predicates.distinct import Distinct
from harness.compare.predicates.matches import Matches
from harness.compare.predicates.sorting import Sorted
from harness.compare.predicates.within import Within
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import TEXT, Key
from harness.model.flow import Gather, GatherCheck
from harness.model.observation import Observation
from harness.model.step import Step
from harness.model.verdict import Finding

LIMIT: Final = 1_000_000
"""Values that one list may hold."""


def gather_values(gather: Gather, observation: Observation) -> list[object]:
    """What one run adds to the list; raises ``ValueError`` with a sentence when its output cannot be read that way."""
    raw = observation.stderr if gather.stream == "stderr" else observation.stdout
    text = raw.decode("utf-8", "backslashreplace")
    if gather.matches is not None:
        return [match[1] or "" for match in search_all(re.compile(gather.matches, re.MULTILINE), text)]
    path = parse_path(gather.json or "$")
    assert isinstance(path, JsonPath), "the loader accepts only valid paths"
    try:
        selection = select(parse_json(text), path)
    except ValueError as error:
        raise ValueError(f"{gather.stream or 'stdout'} is not JSON: {error}") from None
    if selection.missing:
        raise ValueError(f"{selection.missing[0]} is missing")
    return [value for _, value in selection.found]


def check_gathered(step: Step, lists: Mapping[str, Sequence[object]], resolve: Callable[[object], object]) -> Iterator[Finding]:
    """One finding for each deviation; ``resolve`` fills the placeholders of what is wanted."""
    for check in step.gather_checks:
        values = lists.get(check.name, ())
        yield from (
            Finding(step.id, "gather", message, check.position, (), f"gather-check.{check.predicate}") for message in _deviations(check, values, resolve)
        )


def _deviations(check: GatherCheck, values: Sequence[object], resolve: Callable[[object], object]) -> Iterator[str]:
    name = check.name.rpartition(".")[2]
    path = JsonPath(name, ())
    selection = Selection(path, tuple((f"{name}[{index}]", value) for index, value in enumerate(values)), ())
    wanted = resolve(check.wanted)
    yield from _limited(CHECKS[check.predicate].check(wanted, selection))


def _limited(messages: Iterator[str], shown: int = 5) -> Iterator[str]:
    """A list of a hundred thousand values can be wrong a hundred thousand times."""
    more = 0
    for number, message in enumerate(messages):
        if number < shown:
            yield message
        else:
            more += 1
    if more:
        yield f"and {more} more deviations of the same list"


class _Count:
    """``count = n``: so many values, over all runs."""

    name = "count"
    key = Key({"oneOf": [{"type": "integer", "minimum": 0}, TEXT]}, "how many values there are over all runs")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.value_tree(names) if isinstance(node.value, str) and "$" in node.value else node.integer(0, LIMIT)

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        if len(selection.found) != wanted:
            yield f"{selection.path.source} has {len(selection.found)} values, not {brief(wanted)}"


class _Whole:
    """``equals = […]``: the whole list, in the order of the runs."""

    name = "equals"
    key = Key({"oneOf": [{"type": "array"}, TEXT]}, "the whole list, in the order of the runs")

    def bind(self, node: Node, names: Names) -> object | None:
        return node.value_tree(names)

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        lines = differences(wanted, [value for _, value in selection.found], selection.path.source)
        if lines:
            yield f"{selection.path.source} is not the expected list: {'; '.join(lines)}"


_ALL: Final[tuple[Predicate, ...]] = (_Count(), _Whole(), Distinct(), Sorted(), Within(), Matches())
CHECKS: Final[Mapping[str, Predicate]] = {item.name: item for item in _ALL}
