"""The warnings gate: what tools print is on the committed list or stops the publish."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.publish import PublishError
from cli.publish.gate import Gate, findings, parse_allowed, read_allowed
from cli.publish.tools import Tools

CLANG = """./a.c:1:2: warning: signs differ [-Wsign-compare]
    1 |   x < y
      |   ~ ^ ~
/inc/b.h:3:4: note: expanded from macro 'M'
    3 | #define M
1 warning generated.
"""
ALLOW = b"""format = 1
[[allowed]]
step = "make"
pattern = '\\./a\\.c:\\d+:\\d+: warning: signs differ .*'
reason = "harmless"
"""


def test_a_diagnostic_counts_once_with_its_excerpt() -> None:
    assert list(findings("", CLANG, ours=False)) == ["./a.c:1:2: warning: signs differ [-Wsign-compare]"]


def test_lines_that_belong_to_no_diagnostic_are_findings() -> None:
    assert list(findings("checking for x\nWARNING: y\n", "    1 | alone\nhello\n", ours=False)) == ["WARNING: y", "    1 | alone", "hello"]


def test_our_own_steps_must_be_silent() -> None:
    assert list(findings("ok\n", "\n1 warning generated.\n", ours=True)) == ["ok", "1 warning generated."]


def test_allowed_lines_are_counted_and_others_refused(tmp_path: Path) -> None:
    gate = Gate(parse_allowed(ALLOW, "list"))
    assert gate.check("make", "", CLANG + CLANG, ours=False, log=tmp_path) == 2
    with pytest.raises(PublishError, match="other") as caught:
        gate.check("other", "", CLANG, ours=False, log=tmp_path)
    assert "signs differ" in str(caught.value)


def test_a_pattern_must_match_the_whole_line(tmp_path: Path) -> None:
    gate = Gate(parse_allowed(ALLOW, "list"))
    with pytest.raises(PublishError):
        gate.check("make", "", "x./a.c:1:2: warning: signs differ z\n", ours=False, log=tmp_path)


def test_the_committed_list_speaks_only_of_third_party_steps() -> None:
    assert {entry.step for entry in read_allowed()} == {"cpython-configure", "cpython-make"}


@pytest.mark.parametrize(
    "raw",
    [
        b"format = 2",
        b"format = 1\nx = 1",
        b"format = 1\nallowed = 1",
        b"format = 1\n[[allowed]]\nstep = 'a'\npattern = 'b'",
        b"format = 1\n[[allowed]]\nstep = 'a'\npattern = '('\nreason = 'r'",
        b"format = 1\n[[allowed]]\nstep = 'a'\npattern = 'b'\nreason = ' '",
        b"\xff",
    ],
)
def test_a_wrong_list_is_refused(raw: bytes) -> None:
    with pytest.raises(PublishError, match=r"^list: "):
        parse_allowed(raw, "list")


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: f"format = 1\n[[allowed]]\nstep = 's'\nreason = 'r'\npattern = '''{text}'''".encode("utf-8", "replace"))
)
def test_any_list_bytes_give_entries_or_a_named_fault(raw: bytes) -> None:
    try:
        parse_allowed(raw, "list")
    except PublishError as error:
        assert str(error).startswith("list: ")


@given(st.text(max_size=200), st.text(max_size=200))
def test_every_nonblank_line_of_an_own_step_is_a_finding(stdout: str, stderr: str) -> None:
    expected = [line.rstrip() for line in f"{stdout}\n{stderr}".splitlines() if line.strip()]
    assert list(findings(stdout, stderr, ours=True)) == expected


def tools(tmp_path: Path) -> Tools:
    return Tools(Gate(()), tmp_path / "logs", tmp_path / "cache")


def test_a_tool_that_fails_is_named_with_its_output_and_log(tmp_path: Path) -> None:
    with pytest.raises(PublishError) as caught:
        tools(tmp_path).run("step", [sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"], ours=True, cwd=tmp_path)
    text = str(caught.value)
    assert "step: " in text
    assert "(exit 3)" in text
    assert text.rstrip().endswith("why")
    assert "why" in (tmp_path / "logs" / "step.log").read_text()


def test_a_tool_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"step: /no/such/tool cannot be started"):
        tools(tmp_path).run("step", ["/no/such/tool"], ours=True, cwd=tmp_path)


def test_a_tool_that_warns_stops_the_publish(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('x: warning: y')"]
    with pytest.raises(PublishError, match="x: warning: y"):
        tools(tmp_path).run("step", command, ours=False, cwd=tmp_path)
    assert tools(tmp_path).run("step", command, ours=True, cwd=tmp_path, keep=True) == "x: warning: y\n"


def test_tools_see_a_fixed_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFLAGS", "-O0")
    seen = tools(tmp_path).run("step", [sys.executable, "-c", "import os; print(sorted(os.environ))"], ours=True, cwd=tmp_path, keep=True)
    assert "CFLAGS" not in seen
    assert "SOURCE_DATE_EPOCH" in seen
