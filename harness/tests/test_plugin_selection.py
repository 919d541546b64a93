"""Which cells a command line runs, and that a selection which cannot be run is a usage error and never a pass."""

from __future__ import annotations

import pytest
from plugin_project import GREET, Project, project

pytest_plugins = ["pytester"]
__all__ = ["project"]
USAGE = pytest.ExitCode.USAGE_ERROR


@pytest.fixture
def matrix(project: Project) -> Project:
    project.artifact("native-linux-x64")
    project.artifact("frozen-linux-x64")
    project.artifact("native-win-arm64")
    project.artifact("reflective-linux-x64", development=True)
    project.scenario("unit/greet", GREET)
    return project


def test_the_default_is_what_this_host_runs_and_is_not_for_development(matrix: Project) -> None:
    result = matrix.run("-v")
    result.assert_outcomes(passed=4, deselected=4)
    result.stdout.fnmatch_lines(
        [
            "artifacts of tool: native-linux-x64, frozen-linux-x64",
            "scenarios/unit/greet.toml::one[[]native-linux-x64] PASSED*",
            "scenarios/unit/greet.toml::one[[]frozen-linux-x64] PASSED*",
            "scenarios/unit/greet.toml::two[[]native-linux-x64] PASSED*",
            "native-linux-x64  2 passed",
            "frozen-linux-x64  2 passed",
            "not run  native-win-arm64: *win-arm64*",
        ]
    )
    assert [(row.what, "win-arm64" in row.why) for row in matrix.events().not_run] == [("native-win-arm64", True)]


def test_naming_an_artifact_without_a_path_runs_scenarios_only(matrix: Project) -> None:
    matrix.pytester.makepyfile(test_python="def test_it(): pass")
    matrix.run("--artifact=reflective-*").assert_outcomes(passed=2, deselected=6)
    assert set(matrix.verdicts()) == {"unit/greet::one[reflective-linux-x64]", "unit/greet::two[reflective-linux-x64]"}


def test_plain_pytest_runs_testpaths_and_scenarios(matrix: Project) -> None:
    matrix.file("pytest.ini", "[pytest]\ntestpaths = tests\n")
    matrix.file("tests/test_python.py", "def test_it(): pass\n")
    matrix.run().assert_outcomes(passed=5, deselected=4)


def test_a_path_to_python_tests_needs_no_artifacts(matrix: Project) -> None:
    matrix.file("tests/test_python.py", "def test_it(): pass\n")
    (matrix.root / "dist" / "artifacts.json").unlink()
    matrix.run("tests").assert_outcomes(passed=1)


def test_keywords_and_node_ids_select(matrix: Project) -> None:
    matrix.run("-k", "two and frozen").assert_outcomes(passed=1, deselected=7)
    matrix.run("scenarios/unit/greet.toml::one").assert_outcomes(passed=2, deselected=2)
    matrix.run("scenarios/unit/greet.toml::one[native-linux-x64]").assert_outcomes(passed=1)


def test_a_node_id_selects_a_development_artifact(matrix: Project) -> None:
    matrix.run("scenarios/unit/greet.toml::one[reflective-linux-x64]").assert_outcomes(passed=1)


def test_a_folder_is_not_passed_over_for_its_name(matrix: Project) -> None:
    matrix.scenario("unit/build/greet", GREET)
    matrix.scenario("unit/dist/greet", GREET)
    matrix.run("--artifact=native-linux-x64").assert_outcomes(passed=6, deselected=18)
    matrix.run("--artifact=native-linux-x64", "--ignore=scenarios/unit/build").assert_outcomes(passed=2, deselected=6)


def test_shared_folders_and_side_files_are_no_scenarios(matrix: Project) -> None:
    matrix.file("scenarios/_lib/procedures.toml", "not = 'a scenario'\n")
    matrix.file("scenarios/timing.toml", "not = 'a scenario'\n")
    matrix.run("--artifact=native-linux-x64").assert_outcomes(passed=2, deselected=6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--artifact=native-linux-x46"], '*matches "native-linux-x46"; did you mean "native-linux-x64"*'),
        (["--artifact=native-win-arm64"], "*native-win-arm64 cannot run here*"),
        (["--artifacts=nowhere.json"], "*nowhere.json: there is no such file; publish artifacts first*"),
        (["--scenarios=nowhere"], "*there is no scenario tree at *nowhere*"),
        (["--artifact=all", "dist"], "*--artifact*have no effect here*"),
    ],
)
def test_a_selection_that_cannot_be_run_is_a_usage_error(matrix: Project, arguments: list[str], words: str) -> None:
    result = matrix.run(*arguments)
    assert result.ret == USAGE
    result.stderr.fnmatch_lines([f"ERROR: {words}"])
    result.stdout.no_fnmatch_line("*passed*")
    assert not (matrix.root / ".harness" / "last").exists()


def test_a_changed_artifact_is_a_usage_error(matrix: Project) -> None:
    path = matrix.artifact("native-linux-x64")
    path.write_text("#!/bin/sh\necho 1.0.0 changed\n", "utf-8")
    result = matrix.run()
    assert result.ret == USAGE
    result.stderr.fnmatch_lines(["ERROR: native-linux-x64: *is not the file that was published: SHA-256*publish it again*"])


def test_a_changed_artifact_that_is_not_selected_does_not_matter(matrix: Project) -> None:
    matrix.artifact("native-linux-x64").write_text("#!/bin/sh\n", "utf-8")
    matrix.run("--artifact=frozen-linux-x64").assert_outcomes(passed=2, deselected=6)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\necho 2.0.0\n", "*printed '2.0.0' (exit 0), which does not name the listed version 1.0.0; publish it again"),
        ("#!/nowhere/interpreter\n", "*cannot start*No such file*"),
        ("#!/bin/sh\n", "*printed nothing on its first line (exit 0), which does not name the listed version 1.0.0*"),
    ],
)
def test_an_artifact_of_another_version_is_a_usage_error(matrix: Project, script: str, words: str) -> None:
    matrix.artifact("native-linux-x64", script)
    result = matrix.run()
    assert result.ret == USAGE
    result.stderr.fnmatch_lines([f"ERROR: native-linux-x64: {words}"])


def test_an_empty_tree_is_no_pass(project: Project) -> None:
    project.artifact("native-linux-x64")
    project.file("tests/test_python.py", "def test_it(): pass\n")
    result = project.run("tests", "scenarios")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["no cell was found in *scenarios, which is no pass"])


def test_a_tree_of_another_place_runs(matrix: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (matrix.root / "scenarios").rename(elsewhere / "tree")
    (matrix.root / "dist").rename(elsewhere / "dist")
    arguments = [f"--scenarios={elsewhere / 'tree'}", f"--artifacts={elsewhere / 'dist' / 'artifacts.json'}"]
    matrix.run(*arguments).assert_outcomes(passed=4, deselected=4)
    matrix.run_parallel(*arguments).assert_outcomes(passed=4)
