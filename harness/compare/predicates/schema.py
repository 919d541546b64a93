"""``schema = "peers.schema.json"``: every selected value is valid under a JSON Schema, a file beside the scenario or in ``_lib/``, or a table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from harness.compare.jsonpath import Selection, extend
from harness.compare.jsontext import brief, parse_json
from harness.compare.predicates.base import nothing
from harness.load.names import Names
from harness.load.node import Node
from harness.load.places import bind_source
from harness.load.shape import TEXT, Key
from harness.model.template import inserts

_SHOWN: Final = 5
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")


class Schema:
    name = "schema"
    key = Key({"oneOf": [TEXT, {"type": "object"}]}, "a JSON Schema that the value satisfies: a file beside the scenario or in _lib/, or a table")

    def bind(self, node: Node, names: Names) -> object | None:
        tree = _read(node, names) if isinstance(node.value, str) else _table(node, names)
        return tree if tree is not None and _is_schema(node, tree) else None

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        yield from nothing(selection)
        assert isinstance(wanted, dict), "only tables are bound"
        from harness.compare.json_schemas import Unresolvable, deviations

        for place, value in selection.found:
            try:
                errors = sorted(deviations(wanted, value), key=lambda error: list(map(str, error.absolute_path)))
            except (RecursionError, Unresolvable) as problem:
                yield f"{place} cannot be held against the schema, which refers to itself without end or to what is not in it: {str(problem)[:120]}"
                continue
            for error in islice(errors, _SHOWN):
                at = place
                for part in error.absolute_path:
                    at = extend(at, part)
                yield f"{at} is {brief(error.instance)}, which the schema does not allow: {error.message[:240]}"
            if len(errors) > _SHOWN:
                yield f"{place} has {len(errors) - _SHOWN} more deviations from the schema"


def _read(node: Node, names: Names) -> object | None:
    path = bind_source(node, names.folders)
    if path is None:
        return None
    try:
        return parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        node.report("H2405", f"{path.name} cannot be read as JSON: {error}")
        return None


def _table(node: Node, names: Names) -> object | None:
    tree = node.value_tree(names)
    if inserts(tree):
        node.report("H2205", "a schema takes no placeholders", "use equals, within or matches for values that a run decides; $$ is a dollar sign")
        return None
    return tree


def _is_schema(node: Node, tree: object) -> bool:
    if not isinstance(tree, dict):
        node.report("H2407", "a JSON Schema is an object")
        return False
    outside = next((reference for reference in _references(tree) if not reference.startswith("#")), None)
    if outside is not None:
        node.report("H2407", f'the schema refers to "{outside[:80]}"', "nothing is fetched: put the definition into the same file and refer to it with #/…")
        return False
    from harness.compare.json_schemas import fault, leads_somewhere

    if why := fault(tree):
        node.report("H2407", f"not a JSON Schema: {why}")
        return False
    lost = next((reference for reference in _references(tree) if not leads_somewhere(tree, reference)), None)
    if lost is not None:
        node.report("H2407", f'the schema refers to "{lost[:80]}", which is not in it')
    return lost is None


def _references(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, item in tree.items():
            if key in _REFERENCES and isinstance(item, str):
                yield item
            yield from _references(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _references(item)
