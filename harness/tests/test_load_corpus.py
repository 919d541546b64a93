"""Broken scenario files give exactly the diagnostics that lie beside them; right ones load and satisfy the JSON Schema."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from harness.load.codes import CODES
from harness.load.errors import ScenarioError
from harness.load.render import render_all
from harness.load.scenarios import load_file, load_tree
from harness.load.schema import schema_text

CORPUS = Path(__file__).parent / "corpus"
BAD, GOOD = CORPUS / "bad", CORPUS / "good"
CHECKOUT = Path(__file__).parents[2]
SCHEMA = CHECKOUT / "harness" / "schema" / "scenario-1.json"
DRAFT_4 = {
    *("$schema", "id", "title", "description", "type", "properties", "additionalProperties", "required", "items", "minItems", "maxItems"),
    *("minimum", "maximum", "pattern", "enum", "oneOf", "anyOf", "allOf", "not"),
}
NOT_IN_CORPUS = {"H1001", "H1002", "H2406"}
"""Need an unreadable or a huge file; test_load_files.py makes them."""


@pytest.mark.parametrize("path", sorted(BAD.rglob("*.toml")), ids=lambda path: path.relative_to(BAD).as_posix())
def test_broken_file_gives_its_diagnostics(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(ScenarioError) as caught:
        load_file(path, BAD)
    assert render_all(caught.value.diagnostics) + "\n" == path.with_suffix(".diag").read_text(encoding="utf-8")


def test_every_diagnostics_file_has_its_scenario() -> None:
    assert {path.with_suffix("") for path in BAD.rglob("*.diag")} == {path.with_suffix("") for path in BAD.rglob("*.toml")}


def test_every_code_has_an_example() -> None:
    seen = {code for path in BAD.rglob("*.diag") for code in re.findall(r"H\d{4}", path.read_text(encoding="utf-8"))}
    assert {code for code in CODES if code.startswith(("H1", "H2"))} == seen | NOT_IN_CORPUS
    assert not seen & NOT_IN_CORPUS


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
    assert [scenario.id for scenario in load_tree(GOOD).scenarios] == ["integration/every-key", "unit/every-key", "unit/smallest"]


def test_schema_is_the_generated_one() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run python -m harness.load.schema > harness/schema/scenario-1.json"


def test_schema_uses_keywords_of_draft_4_only() -> None:
    jsonschema.Draft4Validator.check_schema(json.loads(schema_text()))
    assert _keywords(json.loads(schema_text())) <= DRAFT_4


def _keywords(schema: object) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        for key, value in schema.items():
            found.add(key)
            if key == "properties":
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
    ],
)
def test_schema_refuses_what_the_loader_refuses(name: str, text: str) -> None:
    value = tomllib.loads(f'format = 1\ntitle = "t"\n[[step]]\n{text}\n')
    validator = jsonschema.Draft4Validator(json.loads(schema_text()))
    assert list(validator.iter_errors(value)), name
