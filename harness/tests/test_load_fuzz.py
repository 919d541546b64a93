"""The loader takes any bytes, and the scanner agrees with the reader of the standard library about every key and value."""

from __future__ import annotations

import math
import tempfile
import tomllib
from datetime import date, datetime, time
from pathlib import Path, PurePath

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.compare.jsonpath import JsonPath, Selection, parse_path
from harness.compare.predicates.schema import Schema
from harness.load.document import Document
from harness.load.errors import ScenarioError
from harness.load.names import Names
from harness.load.node import Node
from harness.load.procedures import check_library
from harness.load.render import render_all
from harness.load.scan import KeyPath, scan
from harness.load.scenarios import bind_scenario
from harness.model.scenario import Scenario

GOOD = Path(__file__).parent / "corpus" / "good"
LIBRARIES = [path.read_bytes() for path in sorted((GOOD / "_lib").glob("*.toml"))]
BASES = [path.read_bytes() for path in sorted(GOOD.rglob("every-*.toml"))]
PLACE = GOOD / "integration" / "every-key.toml"

TORTURE = '''
a."b.c".'d e' = 1 # [x]
multi = """
[[step]]
a = "x" \\"""
"""
five = """"quoted"""""
literal = \'\'\'[[no]] "x" \\ \'\'\'\'
list = [ # comment ]
  1, [ "]", {x = 1, "y z" = [ ] } ],

  2025-01-02 03:04:05, # more
]
empty = {}
[t . "u"]
x.y = true
[[array]]
n = 1
[[array.inner]]
m = +1_000.5e-3
[[array]]
[array.table]
k = 07:32:00
'''


def _load(raw: bytes) -> Scenario | ScenarioError:
    try:
        return bind_scenario(Document.parse(raw, PLACE, PurePath("x.toml")), PLACE, GOOD)
    except ScenarioError as error:
        assert error.diagnostics
        assert render_all(error.diagnostics)
        return error


@given(st.binary(max_size=400))
@example(b"a." * 400_000 + b"a=1")
@example(b"[" * 1_000_000)
@example(b"a = " + b"[" * 100_000)
@example(b"a = " + b"{a=" * 100_000)
@example(b"a = " + b"1" * 100_000)
@example(b'a = "' + b"\\" * 300_001)
@example(b'a = """' + b'"\\' * 100_000)
@example(b"\xef\xbb\xbfformat = 1")
@example(b"format = 1\rtitle = 2")
@example(b"a = 1979-13-45")
@example(b'"\\uD800" = 1')
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_scenario_or_diagnostics(raw: bytes) -> None:
    _load(raw)


SNIPPETS = [b"", b'"', b"[", b"]", b"{", b"}", b"=", b".", b"\n", b"$", b"${", b"#", b"1", b"\xff", b"true", b"[[step]]\n", b"'''"]
DAMAGE = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(SNIPPETS))


@given(st.sampled_from(BASES), st.lists(DAMAGE, min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_damaged_scenarios_give_a_scenario_or_diagnostics(raw: bytes, damages: list[tuple[float, int, bytes]]) -> None:
    for where, dropped, put in damages:
        at = int(where * len(raw))
        raw = raw[:at] + put + raw[at + dropped :]
    _load(raw)
    text = raw.decode("utf-8", "replace")
    try:
        tomllib.loads(text)
    except ValueError:
        return
    _agrees(text)


def _wild() -> st.SearchStrategy[object]:
    words = st.sampled_from(
        [
            *("say", "word", "limit", "procedure", "step", "params", "name", "count", "schema", "$ref", "$schema", "#", "matches", "issue"),
            "run",
            "exit",
            "stdout",
            "json",
            "check",
            "path",
            "equals",
            "id",
            "server",
            "x",
            "use",
            "every",
            "times",
            "follow",
            "key",
            "see",
            "end",
            "output",
            "TERM",
            "80x24",
            "none",
            "${case.a}",
            "$.a",
            "",
        ]
    )
    leaf = st.one_of(words, st.integers(-3, 300), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
    return st.recursive(leaf, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)), max_leaves=8)


KEYS = ["title", "covers", "level", "timeout", "env", "files", "cwd", "server", "case", "finally", "include", "procedure"]
STEP_KEYS = ["id", "run", "received", "send", "timeout", "until", "repeat", "env", "stdin", "exit", "stdout", "stderr", "files", "capture"]
STEP_KEYS += ["start", "wait", "signal", "type", "in", "terminal", "screen", "cwd", "needs", "network", "call", "retry", "gather", "gather-check"]


@given(
    st.dictionaries(st.sampled_from(KEYS), _wild(), max_size=4),
    st.lists(st.dictionaries(st.sampled_from(STEP_KEYS), _wild(), max_size=4), min_size=1, max_size=2),
)
@settings(max_examples=400, deadline=None)
def test_wrong_values_under_right_keys_give_a_scenario_or_diagnostics(top: dict[str, object], steps: list[dict[str, object]]) -> None:
    _load(_toml({"format": 1, "title": "t", **top, "step": steps}).encode())


PARAMETERS = ["procedure", "word", "words", "limit", "times", "code", "stream", "other"]


@given(st.dictionaries(st.sampled_from(PARAMETERS), _wild(), max_size=6), st.sampled_from(["flow.say", "flow.around", "local"]))
@settings(max_examples=300, deadline=None)
def test_any_arguments_of_a_call_give_a_scenario_or_diagnostics(arguments: dict[str, object], name: str) -> None:
    own = {"local": {"params": ["word"], "words": [], "step": [{"call": {"procedure": "flow.say", "word": "${word}", "words": "${words}"}}]}}
    call = {"id": "c", "call": {"procedure": name, "word": "x", **arguments}}
    _load(_toml({"format": 1, "title": "t", "include": ["flow"], "procedure": own, "step": [call, {"run": ["${c.said}"]}]}).encode())


@given(st.sampled_from(LIBRARIES), st.lists(DAMAGE, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_damaged_included_files_give_procedures_or_diagnostics(raw: bytes, damages: list[tuple[float, int, bytes]]) -> None:
    for where, dropped, put in damages:
        at = int(where * len(raw))
        raw = raw[:at] + put + raw[at + dropped :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.toml"
        path.write_bytes(raw)
        try:
            check_library(path, Path(folder))
        except ScenarioError as error:
            assert error.diagnostics
            assert render_all(error.diagnostics)


VOCABULARY = st.sampled_from(
    ["$schema", "$id", "$ref", "$anchor", "definitions", "$defs", "type", "items", "properties", "pattern", "enum", "allOf", "#", "#/definitions/a", "a", "("]
)
SCHEMAS = st.recursive(
    st.one_of(VOCABULARY, st.integers(-3, 300), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(VOCABULARY, inner, max_size=4)),
    max_leaves=10,
)


@given(st.dictionaries(VOCABULARY, SCHEMAS, max_size=5), SCHEMAS)
@example({"$ref": "#"}, 1)
@example({"$schema": {}}, 1)
@settings(max_examples=300, deadline=None)
def test_any_json_schema_gives_sentences_or_a_diagnostic(schema: dict[str, object], value: object) -> None:
    document = Document(PLACE, PurePath("x.toml"), "x = 1\n", {"x": schema})
    wanted = Schema().bind(Node(document, ("x",), schema), Names())
    if wanted is None:
        assert document.diagnostics
        return
    path = parse_path("$")
    assert isinstance(path, JsonPath)
    assert all(isinstance(message, str) for message in Schema().check(wanted, Selection(path, (("$", value),), ())))


NAMES = st.text(max_size=8)
SCALARS = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**62), 2**62),
    st.booleans(),
    st.floats(allow_nan=False),
    st.datetimes(min_value=datetime(1000, 1, 1)),
    st.dates(min_value=date(1000, 1, 1)),
    st.times(),
)
VALUES = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)), max_leaves=12)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
@settings(max_examples=300, deadline=None)
def test_scanner_finds_every_value_where_it_stands(table: dict[str, object]) -> None:
    _agrees(_toml(table))


def test_scanner_reads_the_torture_text() -> None:
    _agrees(TORTURE)
    _agrees(TORTURE.replace("\n", "\r\n"))


def _agrees(text: str) -> None:
    """Every value of the parsed text has a span, and the text of the span parses to the same value."""
    found = scan(text)
    assert found.problem is None
    for path, value in _walk(tomllib.loads(text)):
        assert path in found.keys, path
        start, end = found.values[path]
        token = text[start:end]
        if not isinstance(value, dict) and not token.startswith("[[") and not (isinstance(value, list) and value and isinstance(value[0], dict)):
            assert tomllib.loads(f"x = {token}\n")["x"] == value, (path, token)


def _walk(value: object, path: KeyPath = ()) -> list[tuple[KeyPath, object]]:
    children: list[tuple[KeyPath, object]] = [(path, value)] if path else []
    if isinstance(value, dict):
        for name, item in value.items():
            children += _walk(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            children += _walk(item, (*path, index))
    return children


def _toml(table: dict[str, object]) -> str:
    return "".join(f"{_text(name)} = {_value(item)}\n" for name, item in table.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(name)} = {_value(item)}" for name, item in value.items()) + "}"
    return str(value)


def _text(text: str) -> str:
    escaped = "".join(char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08X}" for char in text if not 0xD800 <= ord(char) <= 0xDFFF)
    return f'"{escaped}"'
