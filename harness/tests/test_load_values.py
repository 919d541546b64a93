"""What the keys of a scenario become in the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.compare.golden_keys import golden_keys
from harness.compare.kinds.json_document import JsonAssertion
from harness.load.errors import ScenarioError
from harness.load.scenarios import is_scenario, load_file
from harness.model.scenario import Level, Life, Scenario, Tier
from harness.model.step import ExitExpectation, Repeat, Until
from harness.model.template import Reference, Template, fill, fill_arguments, fill_value
from harness.verbs.base import Judging
from harness.verbs.received import ReceivedSpec
from harness.verbs.registry import verb_of
from harness.verbs.run import RunSpec
from harness.verbs.send import SendSpec

GOOD = Path(__file__).parent / "corpus" / "good"


@pytest.fixture(scope="module")
def unit() -> Scenario:
    return load_file(GOOD / "unit" / "every-key.toml", GOOD)


@pytest.fixture(scope="module")
def integration() -> Scenario:
    return load_file(GOOD / "integration" / "every-key.toml", GOOD)


def test_identity_and_scenario_keys(unit: Scenario) -> None:
    assert (unit.id, unit.tier, unit.level, unit.timeout, unit.cwd) == ("unit/every-key", Tier.UNIT, Level.SHOULD, 1.5, "work/deep")
    assert (unit.covers, unit.tags, unit.needs) == (("cli/1.2", "D3"), ("smoke",), ("loopback",))


def test_smallest_scenario_has_one_unnamed_case_and_strict_defaults() -> None:
    scenario = load_file(GOOD / "unit" / "smallest.toml", GOOD)
    (step,) = scenario.steps
    assert [case.id for case in scenario.cases] == [""]
    assert (step.id, step.number, step.position.line) == ("run-1", 1, 4)
    assert step.exit == ExitExpectation()
    assert not step.stdout.assertions and step.stdout.ignore is None and not step.stderr.assertions


def test_steps_in_order_with_their_limits(unit: Scenario) -> None:
    first, second, golden = unit.steps
    assert (first.timeout, first.repeat, second.until, golden.id) == (0.5, Repeat(3), Until(0.2, 120.0), "golden")
    assert [step.id for step in unit.always] == ["run-1"]
    assert golden.exit == ExitExpectation(signals=("KILL",))
    assert second.exit == ExitExpectation((0,), ("TERM",))
    assert second.stderr.ignore == "the layout of warnings is free"
    assert isinstance(first.verb, RunSpec) and verb_of(first.verb).judging(first.verb) is Judging.END


def test_placeholders_are_filled(unit: Scenario) -> None:
    first = unit.steps[0]
    assert isinstance(first.verb, RunSpec)
    names = {"sandbox": "/s", **{f"case.{name}": value for name, value in unit.cases[0].columns.items()}}
    assert fill_arguments(first.verb.arguments, names.__getitem__) == ("list", "--one", "/s/x", "--cost", "$5", "/s/out", "80")
    assert first.exit.column is not None and fill_value(first.exit.column, names.__getitem__) == [0, 3]
    content = unit.files[0].content
    assert content is not None and fill(content, names.__getitem__) == "price $5 for a\n"
    assert unit.files[1].source == GOOD / "unit" / "beside.bin"


def test_whole_placeholders_keep_the_type_of_their_column(unit: Scenario) -> None:
    names = {"word": "w", **{f"case.{name}": value for name, value in unit.cases[1].columns.items()}}
    (document,) = unit.steps[1].stdout.assertions
    assert isinstance(document, JsonAssertion)
    expected = {"state": "b", "fault": {"on": "GET /", "status": 503}, "items": [1, "x"]}
    assert fill_value(document.equals, names.__getitem__) == expected
    assert [check.predicate for check in document.checks] == [
        *("equals", "absent", "length", "distinct", "within", "matches", "after", "after", "after", "sorted"),
    ]


def test_servers_keep_their_settings(integration: Scenario) -> None:
    plane, other, third, fourth, fifth = integration.servers
    assert [server.per for server in integration.servers] == [Life.CASE] * 4 + [Life.FILE]
    assert plane.settings["data"] == {"localNodeId": "a", "peers": [], "price": "${not.a.placeholder}"}
    assert other.settings == {"generate": {"kind": "peers", "count": 10_000, "seed": 7}, "clock": "live"}
    assert third.settings == {"data": {"localNodeId": "a", "note": "costs $5"}}
    assert fourth.settings["data"] == Template("${case.data}", (Reference("case.data"),))
    assert fifth.settings["enums"] == Template("${case.enums}", (Reference("case.enums"),)) and "per" not in fifth.settings
    names = {f"case.{name}": value for name, value in integration.cases[0].columns.items()}
    assert fill_value(plane.settings["faults"], names.__getitem__) == [{"on": "GET /", "status": 503}, {"on": "POST /x", "nth": 2, "delay": "300ms"}]


def test_verbs_about_servers(integration: Scenario) -> None:
    received, nothing = integration.steps[1].verb, integration.steps[2].verb
    assert isinstance(received, ReceivedSpec) and (received.method, received.times, received.has_json) == ("GET", 1, True)
    assert isinstance(nothing, ReceivedSpec) and (nothing.method, nothing.path, nothing.times) == (None, None, 0)
    post, put = (step.verb for step in integration.always)
    assert isinstance(post, SendSpec) and isinstance(put, SendSpec)
    assert (post.status, put.status, put.has_json) == ((200, 409), (204,), False)


def test_golden_keys_of_a_case(unit: Scenario) -> None:
    assert golden_keys(unit, unit.cases[1]) == ("unit/every-key/two/golden.stdout", "unit/every-key/two/golden.stderr")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("unit/a.toml", True),
        ("unit/a.json", False),
        ("_lib/a.toml", False),
        ("unit/_x/a.toml", False),
        ("unit/.a.toml", False),
        ("expectations.toml", False),
        ("timing.toml", False),
        ("unit/timing.toml", True),
        ("stray.toml", True),
    ],
)
def test_which_files_are_scenarios(path: str, expected: bool) -> None:
    assert is_scenario(Path("/root") / path, Path("/root")) is expected


@pytest.mark.parametrize(("key", "code"), [('timeout = "5s\\n"', "H2104"), ('id = "a\\n"', "H2109"), ('capture."a\\n" = { exit = true }', "H2109")])
def test_a_line_end_behind_a_value_is_part_of_it(tmp_path: Path, key: str, code: str) -> None:
    path = tmp_path / "unit" / "a.toml"
    path.parent.mkdir()
    path.write_text(f'format = 1\ntitle = "t"\n[[step]]\nrun = []\n{key}\n', "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_file(path, tmp_path)
    assert [item.code for item in caught.value.diagnostics] == [code]
