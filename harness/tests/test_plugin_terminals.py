"""Programs in the background and on terminals as a user meets them: through pytest, with a program of Debian, and with a scenario that is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from plugin_project import Project, project

pytest_plugins = ["pytester"]
__all__ = ["project"]
EXAMPLE = Path(__file__).parent / "examples" / "sh"
PROMPT = "tests/sh/unit/terminal/prompt.toml"
ARGUMENTS = ("--scenarios=tests/sh", "--artifacts=sh.json", "--snapshots=none")


@pytest.fixture
def sh(project: Project) -> Project:
    shutil.copytree(EXAMPLE, project.root / "tests" / "sh")
    project.installed("sh", Path("/bin/sh"))
    return project


def test_the_scenarios_of_the_shell_pass(sh: Project) -> None:
    result = sh.run(*ARGUMENTS)
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.OK


def test_a_screen_that_is_not_as_expected_is_shown_with_what_came_over_the_terminal(sh: Project) -> None:
    path = sh.root / PROMPT
    path.write_text(path.read_text("utf-8").replace('["ready> exit 7"]', '["ready> exit 8"]'), "utf-8")
    result = sh.run(*ARGUMENTS, PROMPT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*step 6 of 6  end *tests/sh/unit/terminal/prompt.toml:*",
            "*screen does not contain the expected text",
            "*- ready> exit 8",
            "*+ ready> exit 7",
            "*exit 7 as expected · * ms",
            "*raw      .harness/last/unit/terminal/prompt/-/debian-any/end.terminal",
        ]
    )
    raw = (sh.root / ".harness/last/unit/terminal/prompt/-/debian-any/end.terminal").read_bytes()
    assert raw.startswith(b"ready> echo *\r\n")


def test_what_a_step_waited_for_in_vain_is_shown_with_the_screen(sh: Project) -> None:
    path = sh.root / PROMPT
    text = path.read_text("utf-8").replace('{ see = "ready>" }', '{ see = "login:" }').replace('id = "list"\n', 'id = "list"\ntimeout = "200ms"\n')
    # The prompt is there before the short wait begins.
    path.write_text(text.replace('bin" }\n', 'bin" }\nscreen.contains = ["ready>"]\n'), "utf-8")
    result = sh.run(*ARGUMENTS, PROMPT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*step 2 of 6  list *",
            "*item 1: the screen does not show what it waits for: not within 0.2 s (step)",
            "*- login:",
            "*+ ready>",
            "*raw      .harness/last/unit/terminal/prompt/-/debian-any/list.terminal",
        ]
    )


def test_a_program_that_ends_before_what_it_was_to_print_is_not_said_to_have_ended_as_expected(sh: Project) -> None:
    text = 'format = 1\ntitle = "It serves"\n[[step]]\nid = "serve"\nstart = ["-c", "echo no >&2; exit 3"]\nstdout.contains = "ready"\n'
    sh.file("tests/sh/unit/serve.toml", text + '[[step]]\nwait = "end"\nin = "serve"\nstdout.ignore = "x"\n')
    result = sh.run(*ARGUMENTS, "tests/sh/unit/serve.toml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*stdout does not contain the expected text: the program has ended (exit 3)",
            "*  exit 3 · stderr is not empty · * ms",
            "*raw      .harness/last/unit/serve/-/debian-any/serve.stderr",
        ]
    )
