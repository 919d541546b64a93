"""What other plugins of pytest see of a cell: one report when it passes, every report that says something otherwise, and the time that it took."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from plugin_project import ECHO, GREET, Project, project

pytest_plugins = ["pytester"]
__all__ = ["project"]

LISTENER = """\
def pytest_runtest_logstart(nodeid):
    print("start", nodeid)

def pytest_runtest_logreport(report):
    print("report", report.when, report.outcome, report.nodeid, len(report.keywords), report.duration > 0)

def pytest_runtest_logfinish(nodeid):
    print("finish", nodeid)
"""
WRONG = ECHO.replace('echo "$@"', "echo wrong")


def seen(result: pytest.RunResult) -> list[str]:
    return [re.sub(r" \S*::", " ", line.lstrip(".F")) for line in result.outlines if re.match(r"[.F]*(start|report|finish) ", line)]


def listen(project: Project, script: str) -> list[str]:
    project.artifact("native-x", script)
    project.scenario("unit/greet", GREET)
    project.file("listener.py", LISTENER)
    project.environment.syspath_prepend(str(project.root))
    return seen(project.run("-s", "-q", "-p", "listener", "-k", "one"))


def test_a_cell_that_passes_is_told_of_once(project: Project) -> None:
    assert listen(project, ECHO) == ["start one[native-x]", "report call passed one[native-x] 0 True", "finish one[native-x]"]


def test_a_cell_that_fails_is_told_of_where_it_was_judged(project: Project) -> None:
    assert listen(project, WRONG) == ["start one[native-x]", "report call failed one[native-x] 0 True", "finish one[native-x]"]


def test_junit_has_every_cell_and_its_time(project: Project) -> None:
    project.artifact("native-x")
    project.scenario("unit/greet", GREET)
    project.run("--junitxml=out.xml")
    text = Path(project.root / "out.xml").read_text("utf-8")
    assert 'tests="2"' in text
    times = re.findall(r'<testcase [^>]*name="([^"]+)" time="([^"]+)"', text)
    assert [name for name, _ in times] == ["one[native-x]", "two[native-x]"]
    assert all(float(time) > 0 for _, time in times)


def test_with_workers_a_verbose_run_shows_the_beginnings(project: Project) -> None:
    project.artifact("native-x")
    project.scenario("unit/greet", GREET)
    quiet = project.run_parallel("-k", "one")
    assert quiet.parseoutcomes()["passed"] == 1
    told = project.run_parallel("-v", "-k", "one")
    assert any(line.startswith("scenarios/unit/greet.toml::one[native-x]") for line in told.outlines)
    assert any("PASSED scenarios/unit/greet.toml::one[native-x]" in line for line in told.outlines)


def test_last_failed_forgets_a_cell_that_passes_again(project: Project) -> None:
    project.artifact("native-x", WRONG)
    project.scenario("unit/greet", GREET)
    assert project.run().parseoutcomes()["failed"] == 2
    project.artifact("native-x")
    assert project.run("--lf").parseoutcomes() == {"passed": 2}
    assert "2 passed" in "\n".join(project.run("--lf").outlines)
