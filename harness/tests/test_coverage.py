"""Coverage of a surface: what counts as exercised, by a run and by files; the floor that only rises; files of any bytes; any program's interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugin_project import Project, project
from typer.testing import CliRunner

from cli.generator.error_texts import error_texts
from harness.cli import app
from harness.coverage import exercise, floor, texts
from harness.coverage.arguments import Reader
from harness.coverage.errors import CoverageError
from harness.coverage.exercise import Exercise, Exercised, exit_code
from harness.coverage.measure import Sources, measure
from harness.coverage.section import section
from harness.coverage.surface import KINDS, Row, advice, exercised, rows
from harness.interface.model import Interface
from harness.interface.model import loads as interface_of
from harness.model.observation import Exit

pytest_plugins = ["pytester"]
__all__ = ["project"]
ROOT = Path(__file__).resolve().parents[2]
TOOL = """\
#!/bin/sh
case "$1" in
  --version) echo 1.0.0 ;;
  show) [ "$2" = --bad ] && { echo "error: no such thing as 7 here" >&2; exit 1; }; echo shown ;;
  *) echo "error: what is that" >&2; exit 1 ;;
esac
"""
SCENARIO = """\
format = 1
title = "It shows"

[[case]]
id = "plain"
args = ["show", "-f", "{value}"]

[[step]]
id = "show"
run = ["${{*case.args}}"]
stdout.equals = "shown\\n"

[[step]]
id = "bad"
run = ["show", "--bad"]
exit = 1
stderr.contains = "error: no such thing as 7 here"
"""


def parameter(kind: str, *names: str, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"kind": kind, "names": list(names), "default": None, "choices": list(choices), "help": "h", "metavar": ""}


def interface_document() -> dict[str, Any]:
    shared: dict[str, Any] = {"summary": "s", "description": [], "usage": "u"}
    options = [parameter("value", "--format", "-f", choices=("text", "json")), parameter("flag", "--all", "-a"), parameter("words", "WORDS")]
    return {
        "format": 1,
        "program": "tool",
        "exitCodes": [{"code": 0, "meaning": "done"}, {"code": 1, "meaning": "failed"}],
        "environment": [],
        "commands": [
            {"path": "tool", "kind": "group", "parameters": [parameter("action", "--version")], **shared},
            {"path": "tool show", "kind": "verb", "parameters": options, **shared},
        ],
    }


def interface() -> Interface:
    return interface_of(json.dumps(interface_document()).encode(), "tool.json")


def error_list(*found: str) -> bytes:
    return json.dumps({"format": 1, "texts": [{"text": text, "source": "tool.sh"} for text in found]}).encode()


def names(*exercises: Exercise) -> set[str]:
    known = texts.loads(error_list("error: no such thing as {} here"), "errors.json")
    return {row.name for row in exercised(interface(), known, exercises)}


def test_the_rows_of_a_surface() -> None:
    found = {row.name for row in rows(interface(), texts.loads(error_list("error: {} is bad"), "errors.json"))}
    assert found == {
        "command tool",
        "option tool --version",
        "command tool show",
        "option tool show --format",
        "option tool show -f",
        "option tool show --format left out",
        "value tool show --format text",
        "value tool show --format json",
        "option tool show --all",
        "option tool show -a",
        "option tool show --all left out",
        "exit tool show 0",
        "exit tool show 1",
        "text error: {} is bad",
    }


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("--version",), 0, {"command tool", "option tool --version"}),
        (("show",), 0, {"command tool show", "exit tool show 0", "option tool show --format left out", "option tool show --all left out"}),
        (
            ("show", "-afJSON", "word"),
            0,
            {"command tool show", "exit tool show 0", "option tool show -a", "option tool show -f", "value tool show --format json"},
        ),
        (("show", "--format=text", "--all"), 1, {"command tool show", "exit tool show 1", "option tool show --format", "option tool show --all"}),
        (("show", "--what"), 1, {"exit tool show 1"}),
        (("show", "--all=1"), 1, {"exit tool show 1"}),
        (("show", "--format"), 1, {"exit tool show 1"}),
        (("what",), 1, set()),
    ],
)
def test_what_a_command_line_exercises(words: tuple[str, ...], code: int, expected: set[str]) -> None:
    assert names(Exercise(words, code)) == expected


def test_an_option_of_which_each_counts_is_wanted_more_than_once() -> None:
    document = interface_document()
    document["commands"][1]["parameters"][0] |= {"repeated": True}
    several = interface_of(json.dumps(document).encode(), "tool.json")
    row = Row("option", "tool show", "--format repeated")
    assert row in rows(several, ()) and row not in rows(interface(), ())
    assert row in exercised(several, (), [Exercise(("show", "--format", "text", "-f", "json"), 0)])
    assert row not in exercised(several, (), [Exercise(("show", "--format", "text"), 0), Exercise(("show", "-fa", "-fb"), 1)])
    assert advice(row) == 'run = ["show", "--format", "…", "--format", "…"], exit = 0'


def test_a_text_is_seen_by_its_fixed_parts() -> None:
    assert "text error: no such thing as {} here" in names(Exercise(("show",), 1, "usage\nerror: no such thing as 7 here\n"))
    assert "text error: no such thing as {} here" not in names(Exercise(("show",), 1, "error: no such thing as 7\nhere"))


def test_signals_are_told_as_a_shell_does() -> None:
    assert [exit_code(Exit(signal="INT")), exit_code(Exit(signal="TERM")), exit_code(Exit(code=7)), exit_code(None), exit_code(Exit(signal="64"))] == [
        130,
        143,
        7,
        -1,
        -1,
    ]


def described(project: Project, least: float = 0.0, extra: str = "") -> list[str]:
    project.file("tool.json", json.dumps(interface_document()))
    project.file("errors.json", error_list("error: no such thing as {} here", "error: never").decode())
    shares = "\n".join(f"{kind} = {least}" for kind in KINDS)
    project.file("floor.toml", f"# kept\nformat = 1\n\n[floor]\n{shares}\n{extra}")
    root = project.root
    options = {"interface": "tool.json", "errors": "errors.json", "floor": "floor.toml", "run": ".harness/last", "scenarios": "scenarios"}
    return ["coverage", *(f"--{name}={root / value}" for name, value in options.items())]


@pytest.fixture
def tool(project: Project) -> Project:
    project.artifact("native-linux-x64", TOOL)
    project.scenario("unit/show", SCENARIO.format(value="json"))
    return project


def test_a_run_and_the_files_say_the_same(tool: Project) -> None:
    command = [*described(tool), "--format=json"]
    before = CliRunner().invoke(app, command)
    assert tool.run().ret == pytest.ExitCode.OK
    after = CliRunner().invoke(app, command)
    files, ran = json.loads(before.stdout), json.loads(after.stdout)
    assert "no run has left a record" in files["source"] and ran["source"] == "the run of 1 cases on native-linux-x64" and ran["whole"]
    assert files["gaps"] == ran["gaps"] and files["kinds"] == ran["kinds"]
    assert {gap["what"] for gap in ran["gaps"] if gap["kind"] == "text"} == {"error: never"}
    assert all(gap["advice"] for gap in ran["gaps"])


def test_only_what_passed_counts(tool: Project) -> None:
    tool.scenario("unit/show", SCENARIO.format(value="json").replace("shown", "hidden"))
    described(tool)
    tool.run()
    assert exercise.read(tool.root / ".harness/last" / exercise.NAME).exercises == ()


def test_workers_write_one_file(tool: Project) -> None:
    tool.scenario("unit/again", SCENARIO.format(value="text"))
    tool.run()
    alone = (tool.root / ".harness/last" / exercise.NAME).read_bytes()
    tool.run_parallel()
    assert (tool.root / ".harness/last" / exercise.NAME).read_bytes() == alone
    assert not list((tool.root / ".harness/last").glob("exercised-*"))


def test_the_floor_only_rises(tool: Project) -> None:
    tool.run()
    command = described(tool, 10.0)
    checked = CliRunner().invoke(app, [*command, "--check"])
    assert checked.exit_code == 0 and "--raise-floor keeps it" in checked.stderr
    raised = CliRunner().invoke(app, [*command, "--raise-floor"])
    assert "floor raised: command 10.0 → 50.0" in raised.stderr
    assert "# kept" in (tool.root / "floor.toml").read_text("utf-8")
    assert CliRunner().invoke(app, [*command, "--check"]).exit_code == 0
    tool.scenario("unit/show", SCENARIO.format(value="json").replace('["show", "-f", "json"]', '["show"]'))
    tool.run()
    fallen = CliRunner().invoke(app, [*command, "--check"])
    assert fallen.exit_code == 1 and "value: 0.0 % is below the floor of 50.0 %" in fallen.stderr
    before = (tool.root / "floor.toml").read_bytes()
    CliRunner().invoke(app, [*command, "--raise-floor"])
    assert (tool.root / "floor.toml").read_bytes() == before


def test_a_part_of_the_suite_is_not_held_against_the_floor(tool: Project) -> None:
    tool.scenario("unit/again", SCENARIO.format(value="text"))
    tool.run("-k", "again")
    result = CliRunner().invoke(app, [*described(tool, 100.0), "--check"])
    assert result.exit_code == 1 and "only a run of the whole suite" in result.stderr


@pytest.mark.parametrize(
    ("pattern", "says"),
    [("exit tool show 1", "'exit tool show 1' is exercised, so"), ("exit tool hide *", "nothing is called 'exit tool hide *'"), ("text error: never", "")],
)
def test_what_is_impossible_stays_true(tool: Project, pattern: str, says: str) -> None:
    tool.run()
    result = CliRunner().invoke(app, described(tool, 0.0, f'[[impossible]]\nrows = "{pattern}"\nreason = "because"\n'))
    assert (result.exit_code == 1, says in result.stderr) == (bool(says), True)
    assert ("1 more cannot be" in result.stdout) == (not says)


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_what_is_printed_names_gaps_and_what_to_write(tool: Project, output: str) -> None:
    tool.run()
    said = CliRunner().invoke(app, [*described(tool), f"--format={output}"]).stdout
    assert "option tool show --all" in said and 'run = ["show", "--all"]' in said


def test_the_report_shows_it(tool: Project) -> None:
    tool.run()
    described(tool, 90.0)
    sources = Sources(tool.root / "tool.json", tool.root / "errors.json", tool.root / "floor.toml")
    done = exercise.read(tool.root / ".harness/last" / exercise.NAME)
    figures, gaps = section(sources, done).tables
    assert [cell.text for cell in figures.rows[0]] == ["command", "1/2", "50.0 %", "90.0 %"] and figures.rows[0][2].tone == "bad"
    assert len(gaps.rows) == len(measure(sources, done).gaps)
    assert section(Sources(tool.root / "none.json", None, None), done).tables[0].columns == ("problem",)


def test_the_product_is_described_by_its_committed_files() -> None:
    sources = Sources(ROOT / "docs/reference/omnirelay.json", ROOT / "docs/reference/error-texts.json", ROOT / "reports/coverage-floor.toml")
    coverage = measure(sources, Exercised("nothing", True, ()))
    assert sum(count.covered for count in coverage.kinds.values()) == 0 and all(advice(row) for row in coverage.gaps)
    assert min(coverage.floor.least.values()) > 90.0


def test_error_texts_are_read_from_sources(tmp_path: Path) -> None:
    (tmp_path / "_generated").mkdir()
    (tmp_path / "_generated" / "x.py").write_text('def f():\n    raise Failure("generated text")\n', "utf-8")
    source = """
WORDS = {1: "first reason", 2: "second reason"}
def f(call, n, key):
    text = "is wrong " + str(n) + " times"
    if n:
        raise Failure(call.told(f"{call.name} failed", "look at it" if n else "leave it alone"))
    raise Refused(text, None)
def g(number):
    raise ExchangeFault(CAUSE, "cannot: " + WORDS.get(number, "no reason"))
def h():
    raise Failure(message)
"""
    (tmp_path / "a.py").write_text(source, "utf-8")
    assert {item.text for item in error_texts(tmp_path)} == {
        "Error: is wrong {} times",
        "error: {} failed (",
        "; look at it)",
        "; leave it alone)",
        ": cannot: first reason. (",
        ": cannot: second reason. (",
        ": cannot: no reason. (",
    }


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.just(error_list("error: {} x")).map(lambda data: data[:-3]))
def test_any_bytes_give_texts_or_a_diagnostic(data: bytes) -> None:
    try:
        texts.loads(data, "errors.json")
    except CoverageError as error:
        assert str(error).startswith("errors.json: ")


@settings(max_examples=200)
@given(st.binary(max_size=120), st.booleans())
def test_any_bytes_give_exercises_and_a_floor_or_a_diagnostic(tmp_path_factory: pytest.TempPathFactory, data: bytes, headed: bool) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes((b'{"format": 1, "source": "s", "whole": true}\n' if headed else b"") + data)
    for read in (exercise.read, floor.read):
        try:
            read(path)
        except CoverageError as error:
            assert str(error).startswith(str(path))


@given(st.lists(st.sampled_from(["show", "--format", "-f", "-a", "-af", "--all", "--", "-", "", "json", "--format=", "-é"]) | st.text(max_size=5), max_size=8))
def test_any_words_are_read(words: list[str]) -> None:
    taken = Reader(interface()).read(words)
    assert taken.command in ("tool", "tool show")
    assert all(name in ("--version", "--format", "-f", "--all", "-a") for name, _ in taken.options)
