"""``conformance new``, ``lint``, ``fmt`` and ``explain`` as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from execute_cells import open_bench
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.execute.cell import run_cell
from harness.load.layout.files import lay_out
from harness.load.lint import lint
from harness.load.scenarios import load_file
from harness.model.scenario import Tier
from harness.model.verdict import Verdict


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    return tmp_path / "scenarios"


def _type(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments])


@pytest.mark.parametrize("tier", [tier.value for tier in Tier])
def test_a_new_scenario_passes_lint_and_is_laid_out(tree: Path, tier: str) -> None:
    result = _type("new", f"{tier}/area/first-one", "--scenarios=scenarios", "--title", 'A "first" one')
    path = tree / tier / "area" / "first-one.toml"
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"wrote scenarios/{tier}/area/first-one.toml")
    assert (lint([], tree), lay_out([], tree, check=True)) == (0, 0)
    scenario = load_file(path, tree)
    assert (scenario.id, scenario.title) == (f"{tier}/area/first-one", 'A "first" one')
    schema = path.read_text().splitlines()[0].removeprefix("#:schema ")
    assert (path.parent / schema).resolve() == Path(__file__).parents[1] / "schema" / "scenario-1.json"


PROGRAMS = {
    "quiet": "exit 3",
    "help": 'echo "usage: $0 [--help]"; echo "costs 5 \\${money}, $HOME" >&2',
    "long": "for i in 1 2 3 4 5 6 7 8 9; do echo; echo line $i; done; exit 1",
    "odd": "printf '\\033[1mbold\\177 \\\\ \"x\" \\t\\r\\n'",
    "no line end": "printf x",
}


@pytest.mark.parametrize("tier", ["unit", "feature"])
@pytest.mark.parametrize("script", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_new_scenario_for_any_program_holds_at_once(tree: Path, tmp_path: Path, script: str, tier: str) -> None:
    with open_bench(tmp_path) as bench:
        artifact = bench.program(script)
        result = _type("new", f"{tier}/area/first-one", "--scenarios=scenarios", "--program", str(artifact.path))
        assert result.exit_code == 0, result.output
        assert (lint([], tree), lay_out([], tree, check=True)) == (0, 0)
        scenario = load_file(tree / tier / "area" / "first-one.toml", tree)
        (case,) = scenario.cases
        found = run_cell(scenario, case, artifact, bench.services)
    assert (found.verdict, found.findings) == (Verdict.PASSED, ())


@pytest.mark.parametrize(
    ("script", "said"),
    [("kill -9 $$", "ended with"), ("printf '\\377'", "prints what is not UTF-8"), ("yes | head -c 2000000", "printed more than 1 MiB")],
)
def test_a_program_that_nothing_can_be_expected_of_is_named(tree: Path, tmp_path: Path, script: str, said: str) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    program.chmod(0o755)
    result = _type("new", "unit/a/b", "--scenarios=scenarios", "--program", str(program))
    assert result.exit_code == 1 and said in result.stderr and result.stderr.startswith("error: ")
    missing = _type("new", "unit/a/b", "--scenarios=scenarios", "--program", "no-such-program-anywhere")
    assert (missing.exit_code, missing.stderr) == (1, "error: no-such-program-anywhere is no program that can be started; give its path\n")
    nameless = _type("new", "unit/a/b", "--scenarios=scenarios", "--program", "")
    assert (nameless.exit_code, nameless.stderr) == (1, "error: an empty name is no program that can be started; give its path\n")
    assert list(tree.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unit/first", "is not TIER/AREA/NAME"),
        ("/unit/a/b", "is not TIER/AREA/NAME"),
        ("unit/../a/b", "is not TIER/AREA/NAME"),
        ("untis/a/b", 'H1007  the first folder is the tier, and "untis" is none'),
        ("unit/a/my test", 'H1008  "my test" cannot be part of an id'),
    ],
)
def test_a_name_that_is_none_is_refused_and_nothing_is_written(tree: Path, name: str, said: str) -> None:
    result = _type("new", name, "--scenarios=scenarios")
    assert result.exit_code == 1
    assert said in result.stderr
    assert list(tree.iterdir()) == []


def test_nothing_is_overwritten(tree: Path) -> None:
    assert _type("new", "unit/a/b", "--scenarios=scenarios").exit_code == 0
    (tree / "unit/a/b.toml").write_text("mine")
    again = _type("new", "unit/a/b", "--scenarios=scenarios")
    assert (again.exit_code, again.stderr) == (1, "error: scenarios/unit/a/b.toml exists already\n")
    assert (tree / "unit/a/b.toml").read_text() == "mine"


def test_lint_tells_a_mistake_of_an_included_file_once_and_finds_files_that_nobody_includes(tree: Path) -> None:
    (tree / "_lib").mkdir()
    (tree / "_lib" / "used.toml").write_text("format = 1\ntitel = 'x'\n")
    (tree / "_lib" / "unused.toml").write_text("format = 1\n[procedure.a]\nparams = []\n")
    (tree / "unit").mkdir()
    for name in ("a", "b"):
        (tree / "unit" / f"{name}.toml").write_text('format = 1\ntitle = "t"\ninclude = ["used"]\n\n[[step]]\nrun = []\n')
    result = _type("lint", "--scenarios=scenarios")
    assert result.exit_code == 1
    assert result.stdout.count("H2107") == 1
    assert 'scenarios/_lib/unused.toml:2:1  H2101  procedure "a" has no "step"' in result.stdout
    assert result.stdout.endswith("2 mistakes in 2 files; 0 scenarios with 0 cases are right\n")


def test_fmt_check_and_explain_have_exit_codes(tree: Path) -> None:
    (tree / "unit").mkdir()
    (tree / "unit" / "a.toml").write_text('title = "t"\nformat = 1\n\n[[step]]\nrun = []\n')
    assert _type("fmt", "--check", "--scenarios=scenarios").exit_code == 1
    assert _type("fmt", "--scenarios=scenarios").exit_code == 0
    assert _type("fmt", "--check", "--scenarios=scenarios").exit_code == 0
    assert _type("explain", "H2503").exit_code == 0
    assert _type("explain", "H9999").exit_code == 1
