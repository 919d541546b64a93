"""A worker that has nothing left takes over what waits behind a long cell, unless the caller wants another distribution."""

from __future__ import annotations

import os

import pytest
from plugin_project import Project, project

from harness.plugin.scheduling import Scheduling

pytest_plugins = ["pytester"]
__all__ = ["project"]

PROGRAM = """\
#!/bin/sh
case "$1" in
  --version) echo 1.0.0 ;;
  listen) read -r word < "$2"; echo "$word" ;;
  tell) echo word > "$2"; echo word ;;
  *) echo word ;;
esac
"""
CELLS = 32
"""Of these the first worker gets 16; portions that cannot be taken back would be of 4."""
SCENARIO = """\
format = 1
title = "The first case ends when the fourth one has run"

{cases}
[[step]]
run = ["${{case.order}}", "{pipe}"]
timeout = "60s"
stdout.equals = "word\\n"
"""


def test_what_waits_behind_a_long_cell_is_taken_over(project: Project) -> None:
    pipe = project.root / "pipe"
    os.mkfifo(pipe)
    project.artifact("native-linux-x64", PROGRAM)
    orders = {0: "listen", 3: "tell"}
    cases = "".join(f'[[case]]\nid = "c{number:02}"\norder = "{orders.get(number, "speak")}"\n' for number in range(CELLS))
    project.scenario("unit/long", SCENARIO.format(cases=cases, pipe=pipe))
    project.run_parallel("scenarios")
    assert list(project.verdicts().values()) == ["passed"] * CELLS


@pytest.mark.parametrize("asked", [("--dist=load",), ("--dist", "load"), ("--dist=loadgroup",), ("-d",)])
def test_what_the_caller_asks_for_stands(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    config = pytester.parseconfig("-p", "xdist.plugin", *asked)
    assert Scheduling().pytest_xdist_make_scheduler(config, None) is None
