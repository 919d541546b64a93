"""Goldens are shared by all artifacts: written on agreement only, exact to the byte, and never forgotten when nobody uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_project import ECHO, RECORDED, Project, project
from typer.testing import CliRunner

from harness.cli import app
from harness.plugin.goldens import GoldenError, GoldenStore
from harness.review.bundle import read_file

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


def review(project: Project, *arguments: str) -> tuple[int, str]:
    """What `conformance review` says of the last run."""
    places = ["--from", str(project.root / ".harness" / "last"), "--snapshots", str(project.root / "snapshots")]
    result = CliRunner().invoke(app, ["review", *places, *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("parallel", [False, True], ids=["alone", "xdist"])
def test_what_an_update_refused_can_be_reviewed(recorded: Project, parallel: bool) -> None:
    recorded.artifact("frozen-linux-x64", OTHER)
    result = recorded.run_parallel("--snapshot-update") if parallel else recorded.run("--snapshot-update")
    result.stdout.fnmatch_lines(["pending  to see these differences, *: *conformance review --from .harness/last --snapshots snapshots"])
    code, output = review(recorded, "--list")
    assert code == 1
    assert "1 golden, in question on frozen-linux-x64, native-linux-x64" in output, output
    assert "blocked: the artifacts diverge: frozen-linux-x64 / native-linux-x64" in output
    assert "first.stdout" not in output, "that golden was written"
    assert "0 groups to decide, 1 blocked" in output
    held = {use.key.rpartition("/")[2]: use.text for cell in read_file(recorded.root / ".harness/last/pending.jsonl").cells for use in cell.uses}
    assert held["first.stdout"] is None, "it is what the golden holds by now"
    # Once they agree nothing of the refused run is in the way.
    recorded.artifact("frozen-linux-x64")
    recorded.run("--snapshot-update")
    assert not (recorded.root / ".harness/last/pending.jsonl").exists()
    recorded.run().assert_outcomes(passed=2)


def test_a_golden_that_could_not_be_written_can_still_be_accepted_later(recorded: Project) -> None:
    # A file in the place of the folder: the file system refuses, whoever asks.
    recorded.file("snapshots/unit", "in the way\n")
    recorded.run("--snapshot-update")
    assert (recorded.root / ".harness/last/pending.jsonl").exists()
    (recorded.root / "snapshots/unit").unlink(missing_ok=True)  # an update may have removed it, as a golden that nobody uses
    code, output = review(recorded, "--accept", "all")
    assert code == 0, output
    assert (recorded.golden(KEY.format("first")), recorded.golden(KEY.format("second"))) == ("first\n", "second\n")


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
