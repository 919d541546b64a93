"""The timing file and the budgets file are read strictly: every mistake is named with its file and key, and any bytes give a value or an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.perf.budgets import read_budgets
from harness.perf.configuration import read_timing_file, substitute
from harness.perf.errors import TimingFileError
from harness.perf.session import ROOT

TIMING = """format = 1
[session]
least-blocks = 7
[[server]]
id = "plane"
argv = ["${python}", "-c", ""]
[[reference]]
id = "hello"
label = "static C hello"
source = "hello"
[[timing]]
id = "version"
title = "--version"
args = ["--version"]
stdout-contains = ["1"]
reference = ["hello"]
"""
BUDGET = """format = 1
[[budget]]
id = "size"
title = "size"
metric = "size"
artifact = "native-linux-x64"
at-most = 12
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "timing.toml"
    path.write_text(text)
    return path


def test_the_committed_files_agree_with_each_other() -> None:
    plan = read_timing_file(ROOT / "scenarios" / "timing.toml")
    budgets = read_budgets(ROOT / "reports" / "budgets.toml", plan)
    assert [timing.id for timing in plan.timings] == ["version", "help", "usage-error", "completion", "peers-list"]
    assert {budget.metric for budget in budgets} == {"time-ratio", "size", "peak-memory", "overhead"}
    for budget in budgets:
        references = {budget.numerator, budget.denominator} & {reference.id for reference in plan.references}
        assert all(name in timing.references for timing in plan.timings if timing.id == budget.timing for name in references)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", r"timing\.toml\.format: a whole number from 1 to 1 is wanted, not 2"),
        ("format = 1", "format = 1\nfromat = 2", r"timing\.toml\.fromat: unknown key"),
        ("least-blocks = 7", "least-blocks = 3", r"session\.least-blocks: a whole number from 7 to 200 is wanted, not 3"),
        ("least-blocks = 7", "least-blocks = 90", r"session\.most-blocks: smaller than least-blocks"),
        ("least-blocks = 7", "step-seconds = 0", r"session\.step-seconds: a number from 0\.1 to 3600 is wanted, not 0"),
        ('args = ["--version"]', "args = [1]", r"timing\[1\]\.args: a list of texts is wanted"),
        ('args = ["--version"]', 'args = ["${plane.url}"]', r"timing 'version' uses \$\{plane\.url\}, which nothing provides; provided: python"),
        ('reference = ["hello"]', 'reference = ["helo"]', r"reference 'helo', which is not declared; declared: hello"),
        ('reference = ["hello"]', 'server = "plain"', r"server 'plain', which is not declared; declared: plane"),
        ('stdout-contains = ["1"]\n', "", r"timing\[1\]\.stdout-contains: say in"),
        ('source = "hello"', 'source = "helo"', r"reference\[1\]\.source: unknown; the harness brings: hello"),
        ('source = "hello"', "", r"reference\[1\]\.argv: a reference has either"),
        ('id = "version"', 'id = "Version 1"', r"timing\[1\]\.id: a short name"),
        ('id = "version"', "", r"timing\[1\]\.id: missing"),
        ('title = "--version"', 'title = ""', r"timing\[1\]\.title: a text that is not empty"),
        ("[session]", "[session", r"not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TIMING
    with pytest.raises(TimingFileError, match=message):
        read_timing_file(_write(tmp_path, TIMING.replace(old, new, 1)))


def test_two_timings_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = TIMING + TIMING[TIMING.index("[[timing]]") :]
    with pytest.raises(TimingFileError, match=r"two \[\[timing\]\] are called 'version'"):
        read_timing_file(_write(tmp_path, twice))


def test_a_file_without_a_timing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimingFileError, match=r"timing: missing; at least one"):
        read_timing_file(_write(tmp_path, "format = 1\n"))
    with pytest.raises(TimingFileError, match="cannot be read: No such file"):
        read_timing_file(tmp_path / "absent.toml")
    with pytest.raises(TimingFileError, match="larger than"):
        read_timing_file(_write(tmp_path, "#" * 300_000))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("at-most = 12", "", "either at-most or at-least"),
        ("at-most = 12", "at-most = 12\nat-least = 1", "either at-most or at-least"),
        ("at-most = 12", "at-most = -1", "a number from 0"),
        ('metric = "size"', 'metric = "weight"', "one of time-ratio"),
        ('metric = "size"', 'metric = "median-time"\ntiming = "verison"', "'verison', which is not declared; declared: version"),
        ('metric = "size"', 'metric = "peak-memory"\ntiming = "version"', "set memory = true there"),
        ('artifact = "native-linux-x64"', "", r"artifact: missing"),
        ("at-most = 12", "at-most = 12\nartefact = 1", "artefact: unknown key"),
    ],
)
def test_a_budget_that_could_never_be_broken_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    plan = read_timing_file(_write(tmp_path, TIMING))
    path = tmp_path / "budgets.toml"
    assert old in BUDGET
    path.write_text(BUDGET.replace(old, new, 1))
    with pytest.raises(TimingFileError, match=message):
        read_budgets(path, plan)


PIECES = st.sampled_from(TIMING.splitlines(keepends=True)) | st.sampled_from(
    ["x = 1\n", "args = []\n", "[environment]\n", "A = 1\n", "exit = 300\n", "seconds = nan\n", "[[timing]]\n", "argv = [[]]\n"]
)


@given(st.binary(max_size=60) | st.lists(PIECES, max_size=14).map(lambda parts: "".join(parts).encode()))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_plan_or_a_named_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "timing.toml"
    path.write_bytes(data)
    try:
        plan = read_timing_file(path)
    except TimingFileError as error:
        assert "timing.toml" in str(error)
    else:
        assert plan.timings


def test_substitution_replaces_names_only() -> None:
    assert substitute("a ${x.url} b $x ${x.url}", {"x.url": "${x.url}"}) == "a ${x.url} b $x ${x.url}"
