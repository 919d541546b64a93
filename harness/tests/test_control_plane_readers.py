"""The readers of outside data: exact messages, limits, and no input that does anything but give a value or a message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.servers.clock import ClockError, LiveClock, parse_clock, wire_instant
from harness.servers.control_plane import schema
from harness.servers.control_plane.model import Settings
from harness.servers.control_plane.readers import read_data, read_faults, read_reset
from harness.servers.shapes import ReadError

DEFAULTS = Settings(LiveClock())
DEEP = 100_000


def peers(*entries: object) -> str:
    return json.dumps({"peers": list(entries)})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            peers({"nodeId": "a", "status": "Alive"}, {"nodeId": "b", "status": "alive"}),
            '$.peers[1].status: text "alive" is none of Alive, Suspect, Left; did you mean "Alive"?',
        ),
        (peers({"nodeId": "a", "status": 0}), "$.peers[0].status: a number is none of Alive, Suspect, Left"),
        (peers({"status": "Left"}), '$.peers[0]: the key "nodeId" is missing'),
        (peers({"nodeId": "a", "status": "Left", "rtt": 1}), '$.peers[0]: unknown key "rtt"; did you mean "rttMs"?'),
        (peers({"nodeId": "a", "status": "Left", "rttMs": -1}), "$.peers[0].rttMs: must be between 0 and 1e+09"),
        (peers({"nodeId": "a", "status": "Left", "rttMs": True}), "$.peers[0].rttMs: expected a number, found true"),
        (
            peers({"nodeId": "a", "status": "Left", "lastSeen": "2024-02-30T00:00:00Z"}),
            '$.peers[0].lastSeen: text "2024-02-30T00:00:00Z" is no moment of the calendar',
        ),
        (
            peers({"nodeId": "a", "status": "Left", "lastSeen": "2024-02-03 00:00:00Z"}),
            '$.peers[0].lastSeen: text "2024-02-03 00:00:00Z" is no timestamp; write it like 2025-01-02T03:04:05Z',
        ),
        (peers({"nodeId": "a", "status": "Left", "metadata": {"labels": {"a b": 1}}}), '$.peers[0].metadata.labels["a b"]: expected text, found a number'),
        (peers(*[{"nodeId": n, "status": "Left"} for n in "aba"]), "$.peers[2].nodeId: the same as $.peers[0].nodeId; each peer has its own"),
        ('{"peers":[],"peers":[]}', 'key "peers" occurs twice in one object'),
        ('{"upgrade":{"state":"Gone"}}', '$.upgrade.state: text "Gone" is none of Active, Draining, Drained, Failed'),
        ('{"upgrade":{"participants":[{"name":" "}]}}', "$.upgrade.participants[0].name: expected text, found nothing but white space"),
        (
            '{"upgrade":{"participants":[{"name":"a","drain":"50"}]}}',
            '$.upgrade.participants[0].drain: text "50" is no duration; write a number and a unit (ms, s, m, h), such as 300ms',
        ),
        (
            '{"upgrade":{"participants":[{"name":"a","failOn":"drain"}]}}',
            '$.upgrade.participants[0]: "failOn", "failAs" and "failTimes" need a "fail" beside them',
        ),
        ('{"introspect":{"mode":"Sidecars"}}', '$.introspect.mode: text "Sidecars" is none of InProc, Sidecar, Edge; did you mean "Sidecar"?'),
        ("[]", "$: expected an object, found a list"),
        ("null", "$: expected an object, found null"),
        ('{"localNodeId":"\\ud800"}', "a string holds half of a surrogate pair, which has no UTF-8 form"),
        ('{"localNodeId":NaN}', "NaN is not a JSON number"),
        ('{"localNodeId":1e999}', "number 1e999 is too large"),
        ("{", "not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ("", "not JSON: Expecting value at line 1, column 1"),
        ('{"x":' + "[" * DEEP + "]" * DEEP + "}", "nested deeper than 64 levels"),
        ('{"x":' + "[" * 65 + "]" * 65 + "}", "nested deeper than 64 levels"),
    ],
    ids=lambda value: value[:40],
)
def test_a_mistake_in_the_data_is_named(text: str, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_data(text.encode())
    assert str(refused.value) == f"data: {message}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"dta": {}}, 'reset: $: unknown key "dta"; did you mean "data"?'),
        ({"clock": "now"}, 'reset: $.clock: "now" is neither "live" nor a moment such as 2025-01-02T03:04:05Z'),
        ({"enums": "number"}, 'reset: $.enums: text "number" is none of names, numbers; did you mean "numbers"?'),
        ({"generate": {"kind": "shard", "count": 1}}, 'reset: $.generate.kind: text "shard" is none of peers, shards; did you mean "shards"?'),
        ({"generate": {"kind": "shards", "count": 100_001}}, "reset: $.generate.count: must be between 0 and 100000"),
        ({"generate": {"kind": "shards", "count": 1, "namespaces": 0}}, "reset: $.generate.namespaces: must be between 1 and 1000"),
        (
            {"generate": {"kind": "peers", "count": 1, "namespaces": 2}},
            "reset: $.generate.namespaces: only shards have namespaces; leave it out for peers",
        ),
        (
            {"generate": {"kind": "shards", "count": 1}, "data": {"shards": [{"namespace": "a", "shardId": "b", "ownerNodeId": "c"}]}},
            'reset: $.generate: makes the shards; leave "shards" out of the data',
        ),
        ({"generate": {"kind": "shards", "count": 1}, "data": {"shards": None}}, 'reset: $.generate: makes the shards; leave "shards" out of the data'),
        ({"generate": {"kind": "peers", "count": 100_001}}, "reset: $.generate.count: must be between 0 and 100000"),
        (
            {"generate": {"kind": "peers", "count": 1}, "data": {"peers": [{"nodeId": "a", "status": "Left"}]}},
            'reset: $.generate: makes the peers; leave "peers" out of the data',
        ),
        ({"faults": {}}, "reset: $.faults: expected a list, found an object"),
        ({"data": {"peers": [None]}}, "reset: $.data.peers[0]: expected an object, found null"),
    ],
    ids=str,
)
def test_a_mistake_in_a_reset_is_named(body: object, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_reset(json.dumps(body).encode(), DEFAULTS)
    assert str(refused.value) == message


def test_too_much_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ReadError, match=r"^faults: \d+ bytes of JSON are more than the limit of \d+$"):
        read_faults(b" " * (64 * 1024 * 1024 + 1))


def test_a_number_with_too_many_digits_is_refused() -> None:
    with pytest.raises(ReadError, match="not acceptable as a number"):
        read_data(b'{"x":' + b"9" * 5000 + b"}")


def test_what_a_reset_leaves_out_is_as_at_the_start() -> None:
    defaults = Settings(parse_clock("2025-01-02T03:04:05Z"), read_data(b'{"localNodeId":"a"}'), faults=read_faults(b'[{"on":"GET /","close":true}]'))
    assert read_reset(b"", defaults) == read_reset(b"{}", defaults) == defaults
    emptied = read_reset(b'{"data":null,"faults":[]}', defaults)
    assert emptied.data == Settings(LiveClock()).data and emptied.faults == () and emptied.clock == defaults.clock


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("2025-01-02T03:04:05Z", "2025-01-02T03:04:05+00:00"),
        ("2025-01-02T03:04:05.120000Z", "2025-01-02T03:04:05.12+00:00"),
        ("2025-01-02T03:04:05.5+02:00", "2025-01-02T01:04:05.5+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_a_frozen_clock_is_written_as_the_wire_has_it(text: str, wire: str) -> None:
    assert wire_instant(parse_clock(text).now()) == wire


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", fullmatch=True))
def test_any_clock_text_is_a_clock_or_refused(text: str) -> None:
    try:
        assert re.fullmatch(r"\d{4}-.*\+00:00", wire_instant(parse_clock(text).now()))
    except ClockError as error:
        assert text[:60] in str(error)


READERS = (read_data, read_faults, lambda text: read_reset(text, DEFAULTS))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(READERS), st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_message(read: Callable[[bytes], object], text: bytes) -> None:
    try:
        read(text)
    except ReadError as error:
        assert "\n" not in str(error)


def vocabulary() -> list[str]:
    """Every word of the schema: with them, made-up documents come close to acceptable ones."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.update(value.get("properties", {}))
            found.update(word for word in value.get("enum", ()) if isinstance(word, str))
            for member in value.values():
                walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    walk(schema.schema())
    return sorted(found)


WORDS = vocabulary()
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 700)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())  # 1.0 is an integer to a schema only
    | st.sampled_from(
        [*WORDS, "a", "node-a", "a\n", "5ms", "5ms\n", "é", "0", "GET /x", "2025-01-02T03:04:05Z", "2025-01-02T03:04:05.1234567+23:00", "aGk=", "live"]
    )
    | st.text(max_size=5)
)
DOCUMENTS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4), max_leaves=12)
ROOTS = {"data": read_data, "faults": read_faults, "reset": lambda text: read_reset(text, DEFAULTS)}


def definition(name: str) -> jsonschema.Draft202012Validator:
    root = schema.schema()
    defs = root["$defs"]
    assert isinstance(defs, dict)
    chosen = defs[name]
    return jsonschema.Draft202012Validator({"$defs": defs, **chosen})


VALIDATORS = {name: definition(name) for name in ROOTS}


def shaped(name: str) -> st.SearchStrategy[object]:
    """Documents with keys and values where they belong more often than chance would have it."""
    peer = st.fixed_dictionaries(
        {"nodeId": LEAVES, "status": st.sampled_from(["Alive", "Left", "alive"])}, optional={"rttMs": LEAVES, "lastSeen": LEAVES, "metadata": DOCUMENTS}
    )
    member = st.fixed_dictionaries(
        {"name": LEAVES}, optional={"drain": LEAVES, "state": LEAVES, "fail": st.text(max_size=3), "failOn": LEAVES, "failTimes": LEAVES, "updatedAt": LEAVES}
    )
    upgrade = st.fixed_dictionaries({}, optional={"state": LEAVES, "reason": LEAVES, "updatedAt": LEAVES, "participants": st.lists(member, max_size=2)})
    fault = st.fixed_dictionaries(
        {"on": st.just("GET /x")},
        optional=dict.fromkeys(("nth", "delay", "status", "reason", "body", "bodyBase64", "truncate", "chunked", "reset", "close", "hang", "garbage"), LEAVES),
    )
    row = st.fixed_dictionaries(
        {}, optional={"position": LEAVES, "version": LEAVES, "ownerNodeId": LEAVES, "createdAt": LEAVES, "ownershipDeltaPercent": LEAVES}
    )
    shard = st.fixed_dictionaries(
        {"namespace": LEAVES, "shardId": LEAVES, "ownerNodeId": LEAVES},
        optional={"status": LEAVES, "version": LEAVES, "checksum": LEAVES | st.just("0123456789ABCDEF"), "history": st.lists(row, max_size=3)},
    )
    parts = {"peers": st.none() | st.lists(peer, max_size=2), "shards": st.none() | st.lists(shard, max_size=3)}
    data = st.fixed_dictionaries({}, optional={"localNodeId": LEAVES, "upgrade": upgrade, "introspect": DOCUMENTS, **parts})
    faults = st.lists(fault, max_size=2)
    reset = st.fixed_dictionaries({}, optional={"data": data | st.none(), "faults": faults, "clock": LEAVES, "enums": LEAVES, "generate": DOCUMENTS})
    return {"data": data, "faults": faults, "reset": reset}[name] | DOCUMENTS


BEYOND_THE_SCHEMA = re.compile(
    r"occurs twice|the same as|no moment of the calendar|more than the limit of 3600s|not base64|exclude each other|need a|only one of|shape an HTTP answer"
    r"|does nothing|belongs to the framing|cannot have a"
    r"|makes the (peers|shards)|only shards have|has position|no position left|more than the versions|neither \"live\" nor a moment|half of a surrogate"
)
"""What a JSON Schema cannot say, or says less plainly than the reader."""


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_reader_and_schema_agree(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(ROOTS)))
    document = data.draw(shaped(name))
    try:
        ROOTS[name](json.dumps(document).encode())
    except ReadError as error:
        assert not VALIDATORS[name].is_valid(document) or BEYOND_THE_SCHEMA.search(str(error)), str(error)
    else:
        assert VALIDATORS[name].is_valid(document)


def test_the_committed_schema_is_the_one_of_the_readers() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.text()
