"""What a run writes besides its verdicts, in every format, whole or in shards, with one process or several."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from plugin_project import ECHO, GREET, RECORDED, Project, project

from harness.commands.convert import convert
from harness.commands.merge import merge_files
from harness.plugin.suite import suite_digest
from harness.report import events
from harness.report.formats import FORMATS
from harness.report.run import Run, timeless

pytest_plugins = ["pytester"]
__all__ = ["project"]
SIGNALS = 'needs = ["posix-signals"]\n' + RECORDED.replace("snapshot = true", 'ignore = "not of interest"')
USAGE = pytest.ExitCode.USAGE_ERROR


@pytest.fixture
def mixed(project: Project) -> Project:
    """Passing, failing and unsupported cells, a golden that nobody uses, and a file that cannot be loaded."""
    project.artifact("native-linux-x64")
    project.artifact("frozen-linux-x64", ECHO.replace("*)", "hello) exit 1 ;;\n  *)"), lacks=["posix-signals"])
    for name in ("greet", "meet", "part"):
        project.scenario(f"unit/{name}", GREET)
    project.scenario("unit/signals", SIGNALS)
    project.scenario("unit/wrong", "format = 1\n")
    project.file("snapshots/unit/gone/first.stdout", "x\n")
    return project


def canonical(run: Run) -> str:
    return "".join(FORMATS["canonical"].text(run))


def test_the_results_say_what_was_run_and_why_the_run_is_red(mixed: Project) -> None:
    (mixed.root / "scenarios/unit/wrong.toml").unlink()
    mixed.run("--junit=out/junit.xml")
    run = mixed.events()
    assert (run.program, run.reference, run.scenarios, run.shard) == ("tool", "native-linux-x64", "scenarios", None)
    assert len(run.suite) == 64
    assert run.started.endswith("Z")
    assert [(row.what, row.why) for row in run.problems] == [("golden unit/gone/first.stdout", "nobody uses it")]
    mixed.scenario("unit/wrong", "format = 1\n")
    mixed.run()
    assert [row.what for row in mixed.events().problems] == ["scenarios/unit/wrong.toml"]
    assert mixed.events().suite != run.suite


def test_what_was_kept_for_a_cell_is_named_and_there(mixed: Project) -> None:
    mixed.artifact("native-linux-x64", ECHO.replace("*)", "hello) echo oops ;;\n  *)"))
    mixed.run("-k", "greet and one")
    kept = {cell.artifact: cell.kept for cell in mixed.events().cells}
    assert kept["native-linux-x64"]
    for paths in kept.values():
        for path in paths:
            assert (mixed.root / ".harness/last" / path).is_file()


def test_each_option_writes_its_file(mixed: Project) -> None:
    written = {item.name: f"out/{item.name}" for item in FORMATS.values() if item.option}
    assert set(written) == {"results", "junit", "ctrf", "summary", "matrix"}
    result = mixed.run(*(f"{FORMATS[name].option}={path}" for name, path in written.items()))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    run = mixed.events()
    assert events.read(mixed.root / written["results"]) == run
    for name, path in written.items():
        assert (mixed.root / path).read_text("utf-8") == "".join(FORMATS[name].text(run))
    root = ElementTree.parse(mixed.root / written["junit"]).getroot()
    assert (root.attrib["failures"], root.attrib["errors"]) == ("3", "1")


def test_the_option_of_pytest_with_a_similar_name_still_works(mixed: Project) -> None:
    mixed.run("--junit=ours.xml", "--junitxml=theirs.xml")
    assert ElementTree.parse(mixed.root / "ours.xml").getroot()[0].attrib["name"] == "native-linux-x64"
    assert ElementTree.parse(mixed.root / "theirs.xml").getroot()[0].attrib["name"] == "pytest"


def test_a_value_set_off_by_a_blank_does_not_move_the_root(mixed: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("elsewhere") / "ctrf.json"
    out.write_text("of the last run", "utf-8")
    mixed.run("--ctrf", out)
    assert json.loads(out.read_text("utf-8"))["results"]["summary"]["failed"] == 4
    assert (mixed.root / ".harness/last/events.jsonl").exists()


def test_the_page_of_the_ci_step_gets_the_summary_and_keeps_what_it_has(mixed: Project) -> None:
    page = mixed.file("page.md", "before\n")
    mixed.environment.setenv("GITHUB_STEP_SUMMARY", str(page))
    mixed.run("-k", "greet")
    text = page.read_text("utf-8")
    assert text.startswith("before\n## tool: 1 of 4 cells did not pass\n")
    assert "| frozen-linux-x64 | 1.0.0 | 1 | 1 |" in text


def test_a_file_that_cannot_be_written_is_told_and_keeps_no_other_from_being_written(mixed: Project) -> None:
    mixed.file("taken", "a file where a folder must be")
    result = mixed.run("-k", "two", "--junit=taken/junit.xml", "--ctrf=ctrf.json")
    result.stdout.fnmatch_lines(
        ["results  not written: *taken/junit.xml: cannot be written: *; make it of .harness/last/events.jsonl with conformance convert"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert (mixed.root / "ctrf.json").exists()


@pytest.mark.parametrize("to", list(FORMATS))
def test_any_results_become_any_format(mixed: Project, to: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    mixed.run()
    results = mixed.root / ".harness/last/events.jsonl"
    capfdbinary.readouterr()
    assert convert(results, to, mixed.root / "out") == 0
    assert convert(results, to, None) == 0
    assert capfdbinary.readouterr().out == (mixed.root / "out").read_bytes()


def test_converting_what_cannot_be_converted_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert convert(tmp_path / "none", "junit", None) == 1
    assert convert(tmp_path / "none", "junti", None) == 1
    (tmp_path / "half").write_bytes(b'{"format": 1, "type": "header"}\n')
    assert convert(tmp_path / "half", "junit", None) == 1
    lines = capsys.readouterr().err.splitlines()
    assert "cannot be read: No such file" in lines[0]
    assert 'there is no format "junti"; did you mean "junit"?' in lines[1]
    assert "half:1: artifacts must be a list" in lines[2]


def test_two_runs_are_equal_but_for_times_however_many_processes(mixed: Project) -> None:
    texts = []
    for run in (mixed.run, mixed.run, mixed.run_parallel):
        run()
        texts.append(canonical(mixed.events()))
    assert texts[0] == texts[1] == texts[2]
    assert timeless(mixed.events()) != mixed.events()


def test_the_digest_of_a_suite_is_that_of_what_it_judges_by(tmp_path: Path) -> None:
    def tree(name: str) -> tuple[Path, Path]:
        scenarios, snapshots = tmp_path / name / "scenarios", tmp_path / name / "goldens"
        for path, text in ((scenarios / "unit/greet.toml", GREET), (scenarios / "expectations.toml", ""), (snapshots / "unit/greet/one/greet.stdout", "hello")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return scenarios, snapshots

    here, there = tree("here"), tree("there")
    (there[0] / "unit" / ".greet.toml.swp").write_text("of an editor", "utf-8")
    before = suite_digest(*here)
    assert suite_digest(*there) == before
    for path in (here[0] / "unit/greet.toml", here[0] / "expectations.toml", here[1] / "unit/greet/one/greet.stdout"):
        text = path.read_text("utf-8")
        path.write_text(text + "x", "utf-8")
        assert suite_digest(*here) != before, path
        path.write_text(text, "utf-8")
    (here[0] / "unit/greet.toml").rename(here[0] / "unit/meet.toml")
    assert suite_digest(*here) != before


def shards(project: Project, of: int, *arguments: str) -> list[Path]:
    paths = []
    for index in range(1, of + 1):
        path = project.root / f"shard-{index}.jsonl"
        project.run(f"--shard={index}/{of}", f"--results={path}", *arguments)
        paths.append(path)
    return paths


@pytest.mark.parametrize("arguments", [[], ["-k", "one"], ["--artifact=frozen-linux-x64"]])
def test_merged_shards_equal_the_undivided_run(mixed: Project, arguments: list[str]) -> None:
    paths = shards(mixed, 3, *arguments)
    assert sum(len(events.read(path).cells) for path in paths) > max(len(events.read(path).cells) for path in paths)
    merge_files(paths, mixed.root / "merged.jsonl")
    mixed.run(*arguments)
    assert canonical(events.read(mixed.root / "merged.jsonl")) == canonical(mixed.events())


def test_workers_and_shards_go_together(mixed: Project) -> None:
    alone = canonical(events.read(shards(mixed, 2)[0]))
    mixed.run_parallel("--shard=1/2")
    assert canonical(mixed.events()) == alone


def test_all_artifacts_of_a_case_are_in_one_shard(mixed: Project) -> None:
    places: dict[tuple[str, str], set[Path]] = {}
    for path in shards(mixed, 3):
        for cell in events.read(path).cells:
            places.setdefault((cell.scenario, cell.case), set()).add(path)
    assert all(len(found) == 1 for found in places.values())


def test_each_shard_finds_the_golden_that_nobody_uses_and_no_other(mixed: Project) -> None:
    (mixed.root / "scenarios/unit/wrong.toml").unlink()
    mixed.scenario("unit/recorded", RECORDED)
    mixed.run("--snapshot-update", "--snapshot-no-cleanup", "-k", "recorded")
    for path in shards(mixed, 4):
        assert [row.what for row in events.read(path).problems] == ["golden unit/gone/first.stdout"]


def test_a_shard_divides_by_the_durations_that_are_committed_or_named(mixed: Project) -> None:
    (mixed.root / "scenarios/unit/wrong.toml").unlink()
    slow = {"unit/greet": {"one": {"native-linux-x64": 900}}}
    rest = {name: {case: {"native-linux-x64": 1} for case in ("one", "two")} for name in ("unit/meet", "unit/part")}
    committed = {"format": 1, "unit": "ms", "scenarios": {**slow, **rest, "unit/signals": {"": {"native-linux-x64": 1}}}}
    committed["scenarios"]["unit/greet"]["two"] = {"native-linux-x64": 1}  # type: ignore[index]  # a table of tables
    mixed.file("scenarios/durations.json", json.dumps(committed))
    mixed.run("--shard=1/2")
    assert {(cell.scenario, cell.case) for cell in mixed.events().cells} == {("unit/greet", "one")}
    mixed.file("other.json", json.dumps({"format": 1, "unit": "ms", "scenarios": {"unit/meet": {"two": {"native-linux-x64": 5}}}}))
    mixed.file("twice.json", '{"format": 1, "unit": "ms", "scenarios": {"unit/meet": {}, "unit/meet": {}}}')
    mixed.run("--shard=1/1000", "--shard-by=twice.json").stderr.fnmatch_lines(['*twice.json: *key "unit/meet" occurs twice*'])
    mixed.run("--shard=1/1000", "--shard-by=other.json")
    assert {(cell.scenario, cell.case) for cell in mixed.events().cells} == {("unit/meet", "two")}


def test_a_shard_of_a_run_that_was_stopped_cannot_be_merged(mixed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    paths = shards(mixed, 2, "-x")
    capsys.readouterr()
    assert merge_files(paths, mixed.root / "merged.jsonl") == 1
    said = capsys.readouterr().err
    assert "that were selected" in said
    assert "the run was stopped before them" in said
    assert not (mixed.root / "merged.jsonl").exists()


def test_an_empty_shard_is_told_and_is_no_pass_but_can_be_merged(mixed: Project) -> None:
    (mixed.root / "scenarios/unit/wrong.toml").unlink()
    (mixed.root / "snapshots/unit/gone/first.stdout").unlink()
    empty = None
    for index in range(1, 10):
        result = mixed.run(f"--shard={index}/9", "-k", "greet and two", f"--results=shard-{index}.jsonl")
        if not mixed.events().cells:
            empty = result
    assert empty is not None
    assert empty.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    empty.stdout.fnmatch_lines(["no cell is in shard */9: there are more shards than cases; divide by less"])
    assert merge_files([mixed.root / f"shard-{index}.jsonl" for index in range(1, 10)], mixed.root / "merged.jsonl") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--shard=3/2"], "*--shard: there is no part 3 of 2*"),
        (["--shard=half"], "*--shard: 'half' is not a shard; write 2/5*"),
        (["--shard-by=x.json"], "*--shard-by has no effect without --shard*"),
        (["--shard=1/2", "--shard-by=none.json"], "*none.json: cannot be read: No such file*"),
        (["--shard=1/2", "dist"], "*--shard*have no effect here*"),
    ],
)
def test_a_shard_that_cannot_be_is_a_usage_error(mixed: Project, arguments: list[str], words: str) -> None:
    result = mixed.run(*arguments)
    assert result.ret == USAGE
    result.stderr.fnmatch_lines([f"ERROR: {words}"])


def test_as_many_workers_as_there_are_processors(mixed: Project) -> None:
    result = mixed.run("-p", "xdist.plugin", "-n", "auto", "--maxprocesses=2", "-k", "greet")
    result.stdout.fnmatch_lines(["native-linux-x64  2 passed", "frozen-linux-x64  1 passed, 1 failed"])
