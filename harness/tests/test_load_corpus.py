"""Broken scenario files give exactly the diagnostics that lie beside them; right ones load and satisfy the JSON Schema."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path, PurePath

import jsonschema
import pytest

from harness.load.code_examples import EXAMPLES
from harness.load.codes import CODES
from harness.load.document import Document
from harness.load.errors import ScenarioError
from harness.load.render import render_all
from harness.load.scenarios import bind_scenario, is_scenario, load_file, load_tree
from harness.load.schema import SCHEMAS, schema_text

CORPUS = Path(__file__).parent / "corpus"
BAD, GOOD = CORPUS / "bad", CORPUS / "good"
CHECKOUT = Path(__file__).parents[2]
SCHEMA = CHECKOUT / "harness" / "schema" / "scenario-1.json"
DRAFT_4 = {
    *("$schema", "title", "description", "type", "properties", "additionalProperties", "required", "items", "minItems", "maxItems"),
    *("minimum", "maximum", "pattern", "enum", "oneOf", "anyOf", "allOf", "not", "$ref", "definitions"),
}
NOT_IN_CORPUS = {"H1001", "H1002", "H1010", "H2406"}
"""Need an unreadable or a huge file, or a link; test_load_files.py makes them."""


BROKEN = sorted(path for path in BAD.rglob("*.toml") if is_scenario(path, BAD))


def test_the_corpus_is_not_small() -> None:
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.relative_to(BAD).as_posix())
def test_broken_file_gives_its_diagnostics(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(ScenarioError) as caught:
        load_file(path, BAD)
    assert render_all(caught.value.diagnostics) + "\n" == path.with_suffix(".diag").read_text(encoding="utf-8")


def test_every_diagnostics_file_has_its_scenario() -> None:
    assert {path.with_suffix("") for path in BAD.rglob("*.diag")} == {path.with_suffix("") for path in BROKEN}


def test_every_code_has_an_example() -> None:
    seen = {code for path in BAD.rglob("*.diag") for code in re.findall(r"  (H\d{4})  ", path.read_text(encoding="utf-8"))}
    assert {code for code in CODES if code.startswith(("H1", "H2"))} == seen | NOT_IN_CORPUS
    assert not seen & NOT_IN_CORPUS


def test_every_code_that_can_be_explained_is_explained_with_an_example() -> None:
    assert EXAMPLES.keys() == CODES.keys()
    assert all(item.cause and item.fix and item.fix.endswith((".", '"')) for item in CODES.values())


PROSE = {
    "H1001",
    "H1002",
    "H1003",
    "H1007",
    "H1008",
    "H1010",
    "H2306",
    "H2405",
    "H2406",
    "H2501",
    "H2504",
    "H3001",
    "H3002",
    "H4001",
    "H4002",
    "H4003",
    "H5001",
    "H5002",
}
"""Codes that no single piece of TOML leads to: they need other files, or are not about a scenario."""


@pytest.mark.parametrize("code", sorted(EXAMPLES.keys() - PROSE))
def test_the_example_of_a_code_leads_to_it(code: str) -> None:
    text = EXAMPLES[code]
    if not re.search(r"^format", text, re.MULTILINE):
        text = f'format = 1\ntitle = "t"\n{text}'
    if "[[step]]" not in text:
        text += "\n[[step]]\nrun = []\n"
    tier = "integration" if "[server." in text and code != "H2309" else "unit"
    path = Path("/nowhere") / tier / "example.toml"
    with pytest.raises(ScenarioError) as caught:
        bind_scenario(Document.parse(text.encode(), path, PurePath("example.toml")), path, Path("/nowhere"))
    assert [item.code for item in caught.value.diagnostics] == [code]


def test_one_broken_file_leaves_the_others_alone() -> None:
    loaded = load_tree(CORPUS, [GOOD / "unit" / "smallest.toml", BAD / "unit" / "level.toml"])
    assert {item.code for item in loaded.diagnostics} == {"H1007", "H2103"}
    assert len(loaded.diagnostics) == 3


@pytest.mark.parametrize("root", [GOOD, CHECKOUT / "scenarios"], ids=["corpus", "scenarios"])
def test_right_files_load_and_satisfy_the_schema(root: Path) -> None:
    loaded = load_tree(root)
    assert render_all(loaded.diagnostics) == ""
    assert loaded.scenarios
    validator = jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for scenario in loaded.scenarios:
        value = tomllib.loads(scenario.path.read_text(encoding="utf-8"))
        assert [error.message for error in validator.iter_errors(value)] == [], scenario.id


def test_shared_and_foreign_files_are_no_scenarios() -> None:
    assert [scenario.id for scenario in load_tree(GOOD).scenarios] == [
        "integration/every-key",
        "integration/tls",
        "unit/every-budget",
        "unit/every-flow",
        "unit/every-key",
        "unit/every-program",
        "unit/smallest",
    ]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_the_generated_one(name: str) -> None:
    committed = CHECKOUT / "harness" / "schema" / name
    assert committed.read_text(encoding="utf-8") == schema_text(name), f"run python -m harness.load.schema {name} > harness/schema/{name}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_uses_keywords_of_draft_4_only(name: str) -> None:
    schema = json.loads(schema_text(name))
    jsonschema.Draft4Validator.check_schema(schema)
    assert _keywords(schema) <= DRAFT_4
    assert "id" not in schema, "taplo refuses a schema with a relative id"


def test_included_files_satisfy_their_schema() -> None:
    validator = jsonschema.Draft4Validator(json.loads(schema_text("library-1.json")))
    for path in (*GOOD.glob("_lib/*.toml"), *(CHECKOUT / "scenarios").glob("_lib/*.toml")):
        assert [error.message for error in validator.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))] == [], path
    wrong = tomllib.loads((BAD / "_lib" / "broken.toml").read_text(encoding="utf-8"))
    assert list(validator.iter_errors(wrong))


def _keywords(schema: object) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        for key, value in schema.items():
            found.add(key)
            if key in ("properties", "definitions"):
                found |= {word for item in value.values() for word in _keywords(item)}
            elif key != "enum":
                found |= _keywords(value)
    elif isinstance(schema, list):
        found |= {word for item in schema for word in _keywords(item)}
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("two verbs", 'run = ["x"]\nreceived = { server = "a" }'),
        ("no verb", "exit = 0"),
        ("exit beside received", 'received = { server = "a" }\nexit = 0'),
        ("unknown key", 'run = ["x"]\nexitcode = 1'),
        ("bare number as duration", 'run = ["x"]\ntimeout = 5'),
        ("a budget beside received", 'received = { server = "a" }\nbudget.rss.max = { native = "1MiB" }'),
        ("a budget of an unknown kind", 'run = ["x"]\nbudget.rss.max = { wheel = "1MiB" }'),
        ("a limit without a unit", 'run = ["x"]\nbudget.wall.p50 = { native = "20" }'),
        ("a negative limit", 'run = ["x"]\nbudget.wall.p50 = { native = "-20ms" }'),
        ("growth against nothing", 'run = ["x"]\nbudget.baseline.rss.max = "+5%"'),
    ],
)
def test_schema_refuses_what_the_loader_refuses(name: str, text: str) -> None:
    value = tomllib.loads(f'format = 1\ntitle = "t"\n[[step]]\n{text}\n')
    validator = jsonschema.Draft4Validator(json.loads(schema_text("scenario-1.json")))
    assert list(validator.iter_errors(value)), name
