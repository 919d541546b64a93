"""The generated readers and writers against `jsonschema` and the standard `json`: every schema that is shipped, accepted and refused alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cli_wire_documents import INT64, SCHEMAS, changed, documents, every_change, refused, schema_at, shown, stricter, validator, words_of
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.generator.emit_wire import snake
from cli.generator.wire_model import MODULES
from omnirelay import jsontext
from omnirelay._generated import wire_introspect, wire_peers, wire_shard_diff, wire_shard_list, wire_shard_simulation, wire_upgrade
from omnirelay.wire_reading import WireFault, fault

MODULES_LOADED = (wire_peers, wire_upgrade, wire_introspect, wire_shard_list, wire_shard_diff, wire_shard_simulation)
LOADED = {module.__name__.rpartition(".")[2]: module for module in MODULES_LOADED}
READ = [(module, name) for module, schemas in MODULES.items() for name, ways in schemas.items() if {"read", "write"} <= ways]


# Enumerations of which the schema knows the numbers too.
NUMBERED = {"state": ["Active", "Draining", "Drained", "Failed"], "status": ["Active", "Draining", "Paused", "Disabled"]}


def reader(module: str, name: str) -> Callable[[Any], Any]:
    """Text in, text out: decoded, read, written and encoded by what is shipped."""
    read, plain = getattr(LOADED[module], "read_" + snake(name)), getattr(LOADED[module], "plain_" + snake(name))
    return lambda text: jsontext.compact(plain(read(jsontext.parse(text.encode("utf-8", "surrogatepass")), None)))


def test_every_schema_that_is_shipped_is_tested() -> None:
    assert set(LOADED) == set(MODULES)
    shards = ["ShardListResponse", "ShardDiffResponse", "ShardSimulationResponse"]
    assert [name for _, name in READ] == ["PeersResponse", "NodeDrainSnapshot", "DispatcherIntrospection", *shards]


@pytest.mark.parametrize(("module", "name"), READ)
def test_what_the_schema_accepts_is_read_and_written_back(module: str, name: str) -> None:
    turn = reader(module, name)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(document=documents(SCHEMAS[name]))
    def check(document: Any) -> None:
        assert not list(validator(name).iter_errors(document)), "the strategy makes a document that the schema refuses"
        text = turn(json.dumps(document))
        written = json.loads(text)
        assert not list(validator(name).iter_errors(written))
        assert lacks(document, written) == []
        assert turn(text) == text, "what was written reads back the same"

    check()


def lacks(before: Any, after: Any, place: tuple[str | int, ...] = ()) -> list[str]:
    """Places of `before` that `after` does not have, or not with the same value; enumerations may have become names."""
    if isinstance(before, dict) and isinstance(after, dict):
        missing = [shown((*place, name)) for name in before if name not in after and before[name] is not None]
        return missing + [text for name in before if name in after for text in lacks(before[name], after[name], (*place, name))]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [text for index, pair in enumerate(zip(before, after, strict=True)) for text in lacks(*pair, (*place, index))]
    words = NUMBERED.get(str(place[-1])) if place and type(before) is int else None
    same = after == words[before] if words else type(before) is type(after) and before == after
    return [] if same else [shown(place)]


def agrees(turn: Callable[[str], str], name: str, document: Any) -> str:
    """What was read and written of a document, or an empty text when schema and reader refuse it at the same place."""
    wrong, strict = refused(name, document), stricter(name, document)
    try:
        text = turn(json.dumps(document).replace("Infinity", "1e999"))
    except WireFault as problem:
        place = str(problem).partition(": ")[0]
        assert place in wrong | strict, f"{problem}; the schema refuses {sorted(wrong)}"
        return ""
    assert not wrong, f"the schema refuses {sorted(wrong)}"
    assert not strict, f"out of range at {sorted(strict)}"
    return text


@pytest.mark.parametrize(("module", "name"), READ)
def test_each_value_in_each_place_is_judged_as_by_the_schema(module: str, name: str) -> None:
    turn = reader(module, name)
    numbers, expected = 0, 0
    for place, document in every_change(name):
        text = agrees(turn, name, document)
        words = words_of(schema_at(name, place))
        value = at(document, place)
        expected = max(expected, 2 if words else 0)
        if words and type(value) is int and text:
            assert at(json.loads(text), place) == words[value]
            numbers += 1
    assert numbers >= expected


def at(document: Any, place: tuple[str | int, ...]) -> Any:
    """The value at a place, or None."""
    for step in place:
        try:
            document = document[step]
        except (KeyError, IndexError):
            return None
    return document


@pytest.mark.parametrize(("module", "name"), READ)
def test_what_the_schema_refuses_is_refused_at_the_same_place(module: str, name: str) -> None:
    turn = reader(module, name)
    seen = {"read": 0, "refused": 0}

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(document=changed(name))
    def check(document: Any) -> None:
        seen["read" if agrees(turn, name, document) else "refused"] += 1

    check()
    assert min(seen.values()) > 15, seen


@pytest.mark.parametrize("value", [-INT64, INT64 - 1, 2**53 + 1, 0])
def test_integers_of_64_bits_keep_every_digit(value: int) -> None:
    peer = {"nodeId": "a", "status": 0, "metadata": {"metadataVersion": value}}
    text = json.dumps({"schemaVersion": "v1", "generatedAt": "2024-10-01T00:00:00Z", "localNodeId": "a", "peers": [peer]})
    assert json.loads(reader("wire_peers", "PeersResponse")(text))["peers"][0]["metadata"]["metadataVersion"] == value


def test_a_path_is_never_ambiguous() -> None:
    path = (((None, "peers"), 3), 'a.b"c')
    assert str(fault(path, "x")) == '$.peers[3]["a.b\\"c"]: x'
    assert str(fault(((None, "é"), ""), "x")) == '$["é"][""]: x'
    assert str(fault(None, "x")) == "$: x"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(depth=st.integers(1, 200), object_like=st.booleans())
def test_deep_values_of_unknown_members_are_read_up_to_the_limit(depth: int, object_like: bool) -> None:
    inner = '{"a":' * depth + "1" + "}" * depth if object_like else "[" * depth + "]" * depth
    text = f'{{"service":"s","status":"Running","unknown":{inner}}}'
    if depth < jsontext.DEPTH:
        assert "unknown" not in reader("wire_introspect", "DispatcherIntrospection")(text)
        return
    with pytest.raises(jsontext.JsonFault, match="too many levels of nesting"):
        jsontext.parse(text.encode())


def test_a_large_document_is_read() -> None:
    peer = '{"nodeId":"n","status":"Alive","metadata":{"labels":{"a":"' + "x" * 200 + '"}}}'
    text = '{"schemaVersion":"v1","generatedAt":"2024-10-01T00:00:00Z","localNodeId":"a","peers":[' + ",".join([peer] * 20_000) + "]}"
    assert reader("wire_peers", "PeersResponse")(text).count('"nodeId":"n"') == 20_000
