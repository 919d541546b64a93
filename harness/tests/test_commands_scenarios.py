"""``conformance new``, ``lint``, ``fmt`` and ``explain`` as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.load.layout.files import lay_out
from harness.load.lint import lint
from harness.load.scenarios import load_file
from harness.model.scenario import Tier


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
