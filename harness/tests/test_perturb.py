"""Perturbations: each really changes what it says, finds the program that cannot stand it and excuses what it says; a perturbed run writes no golden."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugin_project import ECHO, RECORDED, Project, project

from harness.perturb import locale
from harness.perturb.readonly_home import obstacle
from harness.perturb.registry import PERTURBATIONS, named
from harness.perturb.width import reflowed
from harness.report.run import timeless

pytest_plugins = ["pytester"]
__all__ = ["project"]

READ_ONLY = pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "none")

TELLS = f"""\
#!{sys.executable} -ISB
import os, stat, sys
word = sys.argv[1]
def home():
    try:
        open(os.environ["HOME"] + "/file", "w").close()
        os.remove(os.environ["HOME"] + "/file")
        return "writable"
    except OSError as error:
        return error.strerror
def stdin():
    try:
        return "nothing" if not os.read(0, 1) else "something"
    except OSError as error:
        return error.strerror
def pipe():
    import fcntl
    return str(fcntl.fcntl(1, fcntl.F_GETPIPE_SZ))
def decimal():
    import locale
    locale.setlocale(locale.LC_ALL, "")
    return locale.localeconv()["decimal_point"]
tells = {{
    "--version": lambda: "1.0.0",
    "home": home, "stdin": stdin, "pipe": pipe, "decimal": decimal,
    "term": lambda: os.environ.get("TERM", "none") + " " + os.environ.get("COLUMNS", "none"),
    "width": lambda: os.environ.get("COLUMNS", "none"),
    "cwd": lambda: str(" " in os.getcwd() and "'" in os.getcwd()),
    "fold": lambda: __import__("textwrap").fill("a word and another " * 9, int(os.environ.get("COLUMNS", 80))),
    "drop": lambda: "narrow" if os.environ.get("COLUMNS") == "50" else "narrow and wide",
}}
print(tells[word]())
"""
"""A program that tells of its circumstances."""

SAYS = """\
format = 1
title = "It tells of its circumstances"

[[step]]
id = "tell"
run = ["{word}"]
stdout.equals = "{usual}\\n"
"""

CHANGES = [
    ("locale", "decimal", ".", ","),
    ("width", "width", "80", "50"),
    ("cwd-with-spaces", "cwd", "False", "True"),
    pytest.param("readonly-home", "home", "writable", "Read-only file system", marks=READ_ONLY),
    ("closed-stdin", "stdin", "nothing", "Bad file descriptor"),
    ("slow-pipe", "pipe", "65536", "4096"),
    ("no-tty", "term", "none 80", "dumb none"),
]


@pytest.fixture
def teller(project: Project) -> Project:
    project.artifact("native-linux-x64", TELLS)
    return project


@pytest.mark.parametrize(("name", "word", "usual", "changed"), CHANGES)
def test_each_changes_what_it_says_and_finds_who_cannot_stand_it(teller: Project, name: str, word: str, usual: str, changed: str) -> None:
    teller.scenario("unit/tell", SAYS.format(word=word, usual=usual))
    assert teller.run().ret == pytest.ExitCode.OK
    result = teller.run(f"--perturb={name}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    (cell,) = teller.events().cells
    assert cell.perturbed == (name,)
    assert all(finding.message.startswith(f"under {name}: ") for finding in cell.findings)
    assert any(changed in line for finding in cell.findings for line in finding.diff if line.lstrip().startswith("+"))
    assert any(f"--perturb={name}" in line for line in result.outlines if "replay" in line)


def test_every_perturbation_is_tried_above() -> None:
    assert {getattr(row, "values", row)[0] for row in CHANGES} == PERTURBATIONS.keys()


def test_node_ids_stay_and_each_that_finds_something_is_named(teller: Project) -> None:
    teller.scenario("unit/tell", SAYS.format(word="term", usual="none 80"))
    teller.run("--perturb=no-tty,width", "--perturb", "slow-pipe")
    assert teller.verdicts() == {"unit/tell::[native-linux-x64]": "failed"}
    (cell,) = teller.events().cells
    assert cell.perturbed == ("width", "slow-pipe", "no-tty")
    assert [finding.message.split(":")[0] for finding in cell.findings] == ["under width", "under no-tty"]


def test_width_excuses_folding_and_no_missing_word(teller: Project) -> None:
    teller.scenario("unit/fold", SAYS.replace('stdout.equals = "{usual}\\n"', "stdout.snapshot = true").format(word="fold"))
    teller.scenario("unit/drop", SAYS.format(word="drop", usual="narrow and wide"))
    assert teller.run("--snapshot-update").ret == pytest.ExitCode.OK
    teller.run("--perturb=width")
    assert teller.verdicts() == {"unit/fold::[native-linux-x64]": "passed", "unit/drop::[native-linux-x64]": "failed"}


def test_what_a_scenario_fixes_itself_it_keeps_and_that_proves_nothing(teller: Project) -> None:
    teller.scenario("unit/tell", SAYS.format(word="width", usual="60") + 'env = { COLUMNS = "60" }\n')
    result = teller.run("--perturb=width")
    assert teller.verdicts() == {"unit/tell::[native-linux-x64]": "unsupported"}
    assert result.ret == pytest.ExitCode.TESTS_FAILED, "nothing was tried, which is no pass"
    teller.run("--perturb=width,slow-pipe")
    (cell,) = teller.events().cells
    assert (cell.verdict.value, cell.perturbed) == ("passed", ("slow-pipe",))


def test_what_cannot_be_had_is_a_row_and_all_of_it_an_error(teller: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(locale, "_SOURCES", tmp_path)
    teller.scenario("unit/tell", SAYS.format(word="width", usual="80"))
    assert teller.run("--perturb=locale,slow-pipe").ret == pytest.ExitCode.OK
    (row,) = teller.events().not_run
    assert row.what == "perturbation locale" and "tr_TR is missing" in row.why
    result = teller.run("--perturb=locale")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*nothing can be run: perturbation locale: *"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--perturb=widht",), "*there is no perturbation 'widht'; did you mean 'width'?"),
        (("--perturb=zzz",), "*there is no perturbation 'zzz'; there are locale, *"),
        (("--perturb=width", "--snapshot-update"), "*goldens are never written by a perturbed run*"),
        (("--perturb=width", "--capsules"), "*a capsule replays a cell as it usually runs*"),
    ],
)
def test_what_makes_no_sense_is_refused(teller: Project, options: tuple[str, ...], says: str) -> None:
    teller.scenario("unit/tell", SAYS.format(word="width", usual="80"))
    result = teller.run(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([says])


def test_a_perturbed_run_leaves_nothing_to_accept_and_counts_for_no_coverage(project: Project) -> None:
    project.artifact("native-linux-x64", ECHO)
    project.scenario("unit/recorded", RECORDED)
    project.run("--perturb=slow-pipe")
    last = project.root / ".harness" / "last"
    assert project.verdicts() == {"unit/recorded::[native-linux-x64]": "failed"}
    assert not (last / "pending.jsonl").exists() and not (last / "exercised.jsonl").exists() and not (last / "capsules").exists()
    project.run()
    assert (last / "pending.jsonl").exists()


def test_workers_say_the_same(teller: Project) -> None:
    teller.scenario("unit/tell", SAYS.format(word="term", usual="none 80"))
    teller.scenario("unit/width", SAYS.format(word="cwd", usual="False"))
    teller.run("--perturb=all")
    alone = timeless(teller.events()).cells
    teller.run_parallel("--perturb=all")
    assert timeless(teller.events()).cells == alone


@given(st.text(), st.lists(st.sampled_from([" ", "\n", "  \n ", "\t"]), min_size=1))
def test_reflowing_is_idempotent_and_keeps_the_words(text: str, blanks: list[str]) -> None:
    once = reflowed(text)
    assert reflowed(once) == once and once.split() == text.split()
    words = text.split()
    if words:
        assert reflowed("".join(word + blanks[index % len(blanks)] for index, word in enumerate(words))) == once


@given(st.text())
def test_any_text_gives_perturbations_or_a_sentence(text: str) -> None:
    try:
        assert all(item.name in PERTURBATIONS for item in named([text]))
    except ValueError as error:
        assert "there is no perturbation" in str(error)
