"""Goldens are shared by all artifacts: written on agreement only, exact to the byte, and never forgotten when nobody uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_project import ECHO, RECORDED, Project, project

from harness.plugin.goldens import GoldenError, GoldenStore

pytest_plugins = ["pytester"]
__all__ = ["project"]
OTHER = ECHO.replace("*)", 'second) echo "zweitens" ;;\n  *)')
"""Differs from ``ECHO`` in the second step."""
KEY = "unit/recorded/{}.stdout"


@pytest.fixture
def recorded(project: Project) -> Project:
    project.artifact("native-linux-x64")
    project.artifact("frozen-linux-x64")
    project.scenario("unit/recorded", RECORDED)
    return project


def test_an_update_records_what_all_artifacts_print_in_one_round(recorded: Project) -> None:
    assert recorded.run().ret == pytest.ExitCode.TESTS_FAILED
    result = recorded.run("--snapshot-update")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["golden   written: unit/recorded/first.stdout", "golden   written: unit/recorded/second.stdout"])
    assert (recorded.golden(KEY.format("first")), recorded.golden(KEY.format("second"))) == ("first\n", "second\n")
    recorded.run().assert_outcomes(passed=2)


@pytest.mark.parametrize("parallel", [False, True], ids=["alone", "xdist"])
def test_a_divergence_is_reported_and_nothing_written_for_it(recorded: Project, parallel: bool) -> None:
    recorded.artifact("frozen-linux-x64", OTHER)
    result = recorded.run_parallel("--snapshot-update") if parallel else recorded.run("--snapshot-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "golden   written: unit/recorded/first.stdout",
            "golden   not written: unit/recorded/second.stdout: the artifacts diverge: *",
            "           [+-] second",
        ]
    )
    assert (recorded.golden(KEY.format("first")), recorded.golden(KEY.format("second"))) == ("first\n", None)


def test_a_golden_that_one_artifact_still_prints_is_not_overwritten(recorded: Project) -> None:
    recorded.run("--snapshot-update")
    recorded.artifact("frozen-linux-x64", OTHER)
    result = recorded.run("--snapshot-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*the artifacts diverge: the golden is still printed by native-linux-x64, but not by frozen-linux-x64"])
    assert recorded.golden(KEY.format("second")) == "second\n"


def test_a_cell_that_fails_for_other_reasons_records_nothing(recorded: Project) -> None:
    recorded.artifact("frozen-linux-x64", ECHO.replace("*)", 'first) echo "first"; exit 1 ;;\n  *)'))
    result = recorded.run("--snapshot-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["golden   not written: unit/recorded/first.stdout: frozen-linux-x64 failed for other reasons; mend them first"])
    assert recorded.golden(KEY.format("first")) is None


def test_only_new_goldens_on_request(recorded: Project) -> None:
    recorded.file("snapshots/" + KEY.format("first"), "old\n")
    recorded.run("--snapshot-update-new-only")
    assert (recorded.golden(KEY.format("first")), recorded.golden(KEY.format("second"))) == ("old\n", "second\n")


def test_nothing_is_written_in_continuous_integration(recorded: Project) -> None:
    recorded.environment.setenv("CI", "true")
    result = recorded.run("--snapshot-update")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: goldens are never written while CI=true*"])
    assert recorded.golden(KEY.format("first")) is None


def test_a_golden_that_nobody_uses_is_red_until_it_is_removed(recorded: Project) -> None:
    recorded.run("--snapshot-update")
    recorded.file("snapshots/unit/gone/case/step.stdout", "old\n")
    red = recorded.run()
    red.assert_outcomes(passed=2)
    assert red.ret == pytest.ExitCode.TESTS_FAILED
    red.stdout.fnmatch_lines(["golden   nobody uses it (--snapshot-update removes it): unit/gone/case/step.stdout"])
    assert recorded.run("--snapshot-warn-unused").ret == pytest.ExitCode.OK
    # A run of one artifact sees every case, so it may judge; a run of some cases may not.
    assert recorded.run("--artifact=native-linux-x64").ret == pytest.ExitCode.TESTS_FAILED
    recorded.scenario("unit/other", RECORDED.replace("snapshot = true", 'ignore = "not of interest"'))
    assert recorded.run("-k", "recorded").ret == pytest.ExitCode.OK
    assert recorded.run("scenarios/unit/recorded.toml").ret == pytest.ExitCode.OK
    assert recorded.golden("unit/gone/case/step.stdout") == "old\n"
    removed = recorded.run_parallel("--snapshot-update")
    assert removed.ret == pytest.ExitCode.OK
    removed.stdout.fnmatch_lines(["golden   removed, nobody uses it: unit/gone/case/step.stdout"])
    assert not (recorded.root / "snapshots/unit/gone").exists()
    assert recorded.golden(KEY.format("first")) == "first\n"


def test_a_snapshot_folder_that_cannot_be_written_is_reported(recorded: Project) -> None:
    recorded.file("snapshots/unit/recorded", "a file where a folder must be\n")
    result = recorded.run("--snapshot-update", "--snapshot-no-cleanup")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["golden   not written: unit/recorded/first.stdout: *cannot be written: *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("text", ["", "no line end", "a\r\nb\rc\n", "ü\u2028\x00\x1b[1m\n", "\n\n"])
def test_a_golden_comes_back_as_it_was_written(tmp_path: Path, text: str) -> None:
    store = GoldenStore(tmp_path / "snapshots")
    store.write("unit/a/step.stdout", text)
    assert store.read("unit/a/step.stdout") == text
    assert list(store.keys()) == ["unit/a/step.stdout"]
    assert [path.name for path in (tmp_path / "snapshots/unit/a").iterdir()] == ["step.stdout"]


def test_a_removed_golden_takes_its_empty_folders_along(tmp_path: Path) -> None:
    store = GoldenStore(tmp_path / "snapshots")
    store.write("unit/a/step.stdout", "x")
    store.write("unit/b/step.stdout", "x")
    store.remove("unit/a/step.stdout")
    assert [path.name for path in (tmp_path / "snapshots/unit").iterdir()] == ["b"]
    assert store.read("unit/a/step.stdout") is None


def test_a_folder_in_place_of_a_golden_is_named(tmp_path: Path) -> None:
    store = GoldenStore(tmp_path)
    (tmp_path / "unit").mkdir()
    with pytest.raises(GoldenError, match="unit: cannot be read"):
        store.read("unit")
