"""The generated readers and writers: tolerant where the contract says so, exact about the place where they are not."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.generator.wire_model import read_document
from omnirelay._generated.wire_introspect import plain_dispatcher_introspection, read_dispatcher_introspection
from omnirelay._generated.wire_peers import plain_peers_response, read_peers_response
from omnirelay._generated.wire_shard_diff import read_shard_diff_response
from omnirelay._generated.wire_shard_list import read_shard_list_response
from omnirelay._generated.wire_shard_simulation import read_shard_simulation_response
from omnirelay._generated.wire_upgrade import plain_node_drain_snapshot, read_node_drain_snapshot
from omnirelay.wire_reading import WireFault

SCHEMAS = read_document()
TIMES = st.sampled_from(["2024-10-01T00:00:00Z", "2024-10-01T00:00:00.1234567+02:00"])
TEXTS = st.text(max_size=6)


def peer() -> dict[str, Any]:
    return {"nodeId": "a", "status": "Alive", "metadata": {}}


def peers(**changes: Any) -> dict[str, Any]:
    return {"schemaVersion": "v1", "generatedAt": "2024-10-01T00:00:00Z", "localNodeId": "a", "peers": [peer(), peer()], **changes}


METADATA = st.fixed_dictionaries(
    {},
    optional={
        "nodeId": TEXTS, "role": TEXTS, "clusterId": TEXTS, "region": TEXTS, "meshVersion": TEXTS, "http3Support": st.booleans(), "endpoint": TEXTS,
        "metadataVersion": st.integers(-(2**63), 2**63 - 1), "labels": st.dictionaries(TEXTS, TEXTS, max_size=2),
    },
)  # fmt: skip
PEERS = st.fixed_dictionaries(
    {
        "schemaVersion": st.just("v1"), "generatedAt": TIMES, "localNodeId": TEXTS,
        "peers": st.lists(
            st.fixed_dictionaries(
                {"nodeId": TEXTS, "status": st.sampled_from(["Alive", "Suspect", "Left"]), "metadata": METADATA},
                optional={"lastSeen": TIMES, "rttMs": st.floats(0, 1e9) | st.integers(0, 10**6)},
            ),
            max_size=3,
        ),
    }
)  # fmt: skip
STATE = st.sampled_from(["Active", "Draining", "Drained", "Failed"])
DRAINS = st.fixed_dictionaries(
    {
        "state": STATE, "updatedAt": TIMES,
        "participants": st.lists(st.fixed_dictionaries({"name": TEXTS, "state": STATE, "updatedAt": TIMES}, optional={"lastError": TEXTS}), max_size=3),
    },
    optional={"reason": TEXTS},
)  # fmt: skip


def mangled(draw: st.DrawFn, value: Any) -> Any:
    """The same document in another dress: names in other cases, nulls for absent members, unknown members."""
    if isinstance(value, list):
        return [mangled(draw, item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, item in value.items():
        keep = name == "labels"
        found[name if keep or draw(st.booleans()) else name.upper()] = item if keep else mangled(draw, item)
    found["unknownMember"] = draw(st.sampled_from([None, 1, "x", [], {"a": 1}]))
    return found


@settings(max_examples=200, deadline=None, derandomize=True)
@given(value=PEERS, data=st.data())
def test_peers_survive_reading_and_writing(value: dict[str, Any], data: st.DataObject) -> None:
    written = plain_peers_response(read_peers_response(value, None))
    jsonschema.validate(written, {**SCHEMAS["PeersResponse"], "components": {"schemas": SCHEMAS}})
    for before, after in zip(value["peers"], written["peers"], strict=True):
        assert after["metadata"].items() >= before["metadata"].items()
        assert {**after, "metadata": None} == {**before, "metadata": None}
    assert {**written, "peers": 0} == {**value, "peers": 0}
    assert plain_peers_response(read_peers_response(mangled(data.draw, copy.deepcopy(value)), None)) == written


@settings(max_examples=200, deadline=None, derandomize=True)
@given(value=DRAINS, data=st.data())
def test_drain_states_survive_as_names_and_as_numbers(value: dict[str, Any], data: st.DataObject) -> None:
    assert plain_node_drain_snapshot(read_node_drain_snapshot(value, None)) == value
    numbered = json.loads(json.dumps(value))
    for holder in [numbered, *numbered["participants"]]:
        words = ["Active", "Draining", "Drained", "Failed"]
        holder["state"] = data.draw(st.sampled_from([words.index(holder["state"]), holder["state"].lower(), holder["state"].upper()]))
    assert plain_node_drain_snapshot(read_node_drain_snapshot(numbered, None)) == value


def test_absent_collections_are_empty_and_the_mode_has_a_default() -> None:
    written = plain_dispatcher_introspection(read_dispatcher_introspection({"service": "s", "status": "stopped"}, None))
    assert written["procedures"] == {"unary": [], "oneway": [], "stream": [], "clientStream": [], "duplex": []}
    assert (written["status"], written["mode"], written["capabilities"], written["outbounds"], len(written["middleware"])) == ("Stopped", "InProc", [], [], 10)
    jsonschema.validate(written, {**SCHEMAS["DispatcherIntrospection"], "components": {"schemas": SCHEMAS}})
    full = {
        "service": "s", "status": "Running", "mode": "edge", "procedures": {"stream": [{"name": "p", "metadata": {"responseChannel": {"capacity": 2}}}]},
        "components": [{"dependencies": ["d"]}], "outbounds": [{"unary": [{"key": "k", "implementationType": "I"}]}],
    }  # fmt: skip
    written = plain_dispatcher_introspection(read_dispatcher_introspection(full, None))
    assert written["procedures"]["stream"] == [{"name": "p", "aliases": [], "metadata": {"responseChannel": {"capacity": 2}}}]
    assert written["components"] == [{"name": "", "componentType": "", "dependencies": ["d"]}]
    assert written["mode"] == "Edge"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ([], "$: expected an object, found an array"),
        ({}, "$.schemaVersion: missing"),
        (peers(localNodeId=None), "$.localNodeId: must not be null"),
        (peers(localNodeId=5), "$.localNodeId: expected a string, found a number"),
        (peers(peers={}), "$.peers: expected an array, found an object"),
        (peers(peers=[peer(), 7]), "$.peers[1]: expected an object, found a number"),
        (peers(peers=[peer(), {**peer(), "status": "Zombie"}]), '$.peers[1].status: unknown value "Zombie"; expected Alive, Suspect, Left'),
        (peers(peers=[{**peer(), "status": 3}]), "$.peers[0].status: unknown value 3; expected Alive, Suspect, Left"),
        (peers(peers=[{**peer(), "status": 1.0}]), "$.peers[0].status: expected a name or an integer, found a number"),
        (peers(peers=[{**peer(), "status": True}]), "$.peers[0].status: expected a name or an integer, found a boolean"),
        (peers(peers=[{**peer(), "rttMs": "1"}]), "$.peers[0].rttMs: expected a number, found a string"),
        (peers(peers=[{**peer(), "rttMs": float("inf")}]), "$.peers[0].rttMs: is out of range"),
        (
            peers(peers=[{**peer(), "lastSeen": "y\x1besterday"}]),
            '$.peers[0].lastSeen: expected a timestamp such as 2025-01-02T03:04:05Z, found "y\\x1besterday"',
        ),
        (peers(peers=[{**peer(), "metadata": {"http3Support": 1}}]), "$.peers[0].metadata.http3Support: expected true or false, found a number"),
        (peers(peers=[{**peer(), "metadata": {"metadataVersion": 2**63}}]), "$.peers[0].metadata.metadataVersion: does not fit into 64 bits"),
        (peers(peers=[{**peer(), "metadata": {"metadataVersion": 1.5}}]), "$.peers[0].metadata.metadataVersion: expected an integer, found a number"),
        (peers(peers=[{**peer(), "metadata": {"labels": {"a\n": 1}}}]), '$.peers[0].metadata.labels["a\\n"]: expected a string, found a number'),
        (peers(peers=[{**peer(), "metadata": None}]), "$.peers[0].metadata: must not be null"),
    ],
)
def test_faults_name_the_path(document: Any, text: str) -> None:
    with pytest.raises(WireFault) as caught:
        read_peers_response(document, None)
    assert str(caught.value) == text


READERS = (
    read_peers_response, read_node_drain_snapshot, read_dispatcher_introspection, read_shard_list_response, read_shard_diff_response,
    read_shard_simulation_response,
)  # fmt: skip
NAMES = [
    "peers", "PEERS", "nodeId", "status", "metadata", "labels", "schemaVersion", "generatedAt", "localNodeId", "x", "items", "current", "position",
    "history", "version", "changes", "namespace",
]  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(["Alive", "2024-10-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=15,
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(value=ANY)
def test_any_document_gives_a_value_or_a_fault_with_a_path(value: Any) -> None:
    for read in READERS:
        try:
            read(value, None)
        except WireFault as fault:
            assert str(fault).startswith("$")
