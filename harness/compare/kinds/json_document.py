"""``stdout.json``: the stream is one JSON document; compared whole (``equals``, ``snapshot``) or at paths (``check``).

``placeholders`` name what the program makes up itself; such values are replaced before the document is compared whole. Checks see the real values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.compare.base import CheckContext, StreamText
from harness.compare.goldens import compare_golden
from harness.compare.jsonpath import JsonPath, parse_path, replace_at, select
from harness.compare.jsontext import differences, parse_json, pretty
from harness.compare.placeholders import PLACEHOLDERS, stand_in
from harness.compare.predicates.registry import PREDICATES, predicate
from harness.compare.text import excerpt
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import ANYTHING, FLAG, TEXT, Key, Shape
from harness.model.position import Position
from harness.model.step import Assertion
from harness.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class JsonCheck:
    """One predicate over what one path selects."""

    position: Position
    path: JsonPath
    predicate: str
    wanted: object


@dataclass(frozen=True, slots=True)
class JsonAssertion(Assertion):
    equals: object = None
    """The expected document; only looked at when ``whole`` says so, because null is a document too."""
    whole: bool = False
    snapshot: bool = False
    placeholders: tuple[tuple[JsonPath, str], ...] = ()
    checks: tuple[JsonCheck, ...] = ()


_CHECK: Final = Shape(
    "a check",
    {"path": Key(TEXT, "what to look at, such as $.peers[*].nodeId", required=True), **{item.name: item.key for item in PREDICATES}},
    aliases={"count": "length", "size": "length", "unique": "distinct", "oneof": "within", "in": "within", "is": "equals", "eq": "equals"},
)
_JSON: Final = Shape(
    "json",
    {
        "equals": Key(ANYTHING, "the whole document; the order of names does not matter"),
        "snapshot": Key(FLAG, "compare the document, names in the order received, with the golden file"),
        "placeholders": Key(
            {"type": "object", "additionalProperties": {"enum": list(PLACEHOLDERS)}}, "paths whose values the program makes up, and what they are"
        ),
        "check": Key({"type": "array", "minItems": 1, "items": _CHECK.schema()}, "what must hold at single paths"),
    },
    aliases={"checks": "check", "placeholder": "placeholders"},
)


class JsonDocument:
    name = "json"
    key = Key(_JSON.schema(), "the stream is one JSON document")
    spec_type = JsonAssertion

    def bind(self, node: Node, names: Names) -> JsonAssertion | None:
        keys = node.table(_JSON)
        if keys is None:
            return None
        if not keys.keys() & {"equals", "snapshot", "check"}:
            node.report("H2108", "this json asserts nothing", "give it equals, snapshot or check", at_key=True)
            return None
        return JsonAssertion(
            node.position,
            equals=keys["equals"].value_tree(names) if "equals" in keys else None,
            whole="equals" in keys,
            snapshot="snapshot" in keys and bool(keys["snapshot"].true()),
            placeholders=tuple(_bind_placeholders(keys["placeholders"])) if "placeholders" in keys else (),
            checks=tuple(check for item in (keys["check"].items() or ()) if (check := _bind_check(item, names))) if "check" in keys else (),
        )

    def golden(self, spec: JsonAssertion) -> bool:
        return spec.snapshot

    def check(self, spec: JsonAssertion, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]:
        try:
            document = parse_json(stream.text)
        except ValueError as error:
            return (Finding(step, stream.name, f"{stream.name} is not JSON: {error}", spec.position, excerpt(stream.text), self.name),)
        return tuple(self._findings(spec, step, stream, document, context))

    def _findings(self, spec: JsonAssertion, step: str, stream: StreamText, document: object, context: CheckContext) -> Iterator[Finding]:
        stable, wrong = _with_placeholders(document, spec.placeholders, context)
        for message in wrong:
            yield Finding(step, stream.name, message, spec.position, (), "json.placeholders")
        if spec.whole and (lines := differences(context.resolve_value(spec.equals), stable)):
            yield Finding(step, stream.name, f"{stream.name} is not the expected document", spec.position, lines, "json.equals")
        if spec.snapshot:
            yield from compare_golden(step, stream.name, pretty(stable), spec.position, "json.snapshot", context)
        for check in spec.checks:
            selection = select(document, check.path)
            for message in predicate(check.predicate).check(context.resolve_value(check.wanted), selection):
                yield Finding(step, stream.name, message, check.position, (), f"json.check.{check.predicate}")


def _bind_path(node: Node, text: str, *, at_key: bool = False) -> JsonPath | None:
    path = parse_path(text)
    if isinstance(path, int):
        node.report(
            "H2402", f'"{text[:80]}" is not a path: stopped at character {path + 1}', "such as $.peers[0].nodeId, $.peers[*], $['any name']", at_key=at_key
        )
        return None
    return path


def _bind_placeholders(node: Node) -> Iterator[tuple[JsonPath, str]]:
    for text, item in (node.free_table() or {}).items():
        path, kind = _bind_path(item, text, at_key=True), item.choice(PLACEHOLDERS)
        if path is not None and kind is not None:
            yield path, kind


def _bind_check(node: Node, names: Names) -> JsonCheck | None:
    keys = node.table(_CHECK)
    if keys is None or "path" not in keys:
        return None
    text = keys.pop("path").text()
    path = _bind_path(node.child("path", text), text) if text else None
    if not keys and isinstance(node.value, dict) and len(node.value) > 1:
        return None  # what stands in the place of the predicate was already refused
    if len(keys) != 1:
        listed = ", ".join(item.name for item in PREDICATES)
        node.report("H2308", f"a check needs exactly one predicate, this one has {len(keys) or 'none'}", f"one of {listed}")
        return None
    ((name, value),) = keys.items()
    wanted = predicate(name).bind(value, names)
    return None if path is None or wanted is None else JsonCheck(node.position, path, name, wanted)


def _with_placeholders(document: object, placeholders: tuple[tuple[JsonPath, str], ...], context: CheckContext) -> tuple[object, list[str]]:
    wrong: list[str] = []
    for path, kind in placeholders:
        values: dict[str, object] = {}
        for place, value in select(document, path).found:
            text = stand_in(kind, value, context)
            if text is None:
                wrong.append(f"{place} is not of the kind {kind}")
            else:
                values[place] = text
        document = replace_at(document, path, values)
    return document, wrong
