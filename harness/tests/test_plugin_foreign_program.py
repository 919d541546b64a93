"""The engine knows nothing of omnirelay: it tests a program of Debian from a tree and a list that lie somewhere else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from plugin_project import Project, project

pytest_plugins = ["pytester"]
__all__ = ["project"]
EXAMPLE = Path(__file__).parent / "examples" / "jq"


@pytest.fixture
def jq(project: Project) -> Project:
    found = shutil.which("jq")
    if found is None:
        pytest.fail("this test runs the scenarios of jq: install jq (make setup does)", pytrace=False)
    shutil.copytree(EXAMPLE, project.root / "tests" / "jq")
    project.installed("jq", Path(found), probe={"args": ["--version"], "matches": r"^jq-\d"})
    return project


def test_the_scenarios_of_jq_pass(jq: Project) -> None:
    arguments = ["--scenarios=tests/jq", "--artifacts=jq.json", f"--snapshots={EXAMPLE.parent / 'jq-snapshots'}"]
    result = jq.run(*arguments)
    result.assert_outcomes(passed=8)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["artifacts of jq: debian-any", "debian-any  8 passed"])
    assert jq.events().program == "jq"
    assert {cell.tier for cell in jq.events().cells} == {"unit", "feature"}


def test_a_wrong_expectation_about_jq_fails(jq: Project) -> None:
    path = jq.root / "tests/jq/unit/filter/paths.toml"
    path.write_text(path.read_text("utf-8").replace('wanted = "2\\n"', 'wanted = "3\\n"'), "utf-8")
    result = jq.run("--scenarios=tests/jq", "--artifacts=jq.json", "tests/jq/unit/filter/paths.toml")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAIL  unit/filter/paths :: nested   on debian-any", "        - 3", "        + 2"])


def test_options_may_be_set_off_by_a_blank(jq: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    """pytest reads such values as paths before it knows the options, and then guesses another rootdir."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (jq.root / "tests/jq").rename(elsewhere / "jq")
    (jq.root / "jq.json").rename(elsewhere / "jq.json")
    result = jq.run("--scenarios", elsewhere / "jq", "--artifacts", elsewhere / "jq.json", "--snapshots", EXAMPLE.parent / "jq-snapshots")
    result.assert_outcomes(passed=8)
    assert len(jq.events().cells) == 8
    assert not (elsewhere / ".harness").exists()
    again = jq.run_parallel("--scenarios", str(elsewhere / "jq"), "--artifacts", str(elsewhere / "jq.json"), "-k", "paths", "--snapshots", "none")
    again.assert_outcomes(passed=3)
