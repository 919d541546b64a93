"""Programs on a terminal: typed into, looked at, and interrupted by keys. Real programs on real pseudo-terminals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from execute_cells import Bench, Folder, open_bench
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.execute.screen import Screen
from harness.model.observation import Exit
from harness.model.step import Terminal
from harness.model.verdict import CellResult, Verdict
from harness.transport.local import LocalTransport

ASK = 'printf "Go? [y/N]: "; read answer || { echo; echo "no answer"; exit 3; }; [ "$answer" = y ] && echo gone || { echo stayed; exit 1; }'


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def brief(result: CellResult) -> list[tuple[str, str]]:
    return [(finding.step, finding.check) for finding in result.findings]


CASES = r"""
    [[case]]
    id = "yes"
    keys = ["y"]
    code = 0
    shows = "Go? [y/N]: y\ngone\n"
    [[case]]
    id = "no"
    keys = ["n"]
    code = 1
    shows = "Go? [y/N]: n\nstayed\n"
"""


def test_a_question_is_answered_on_a_terminal(bench: Bench) -> None:
    text = (
        CASES.replace('keys = ["y"]', 'key = "y"').replace('keys = ["n"]', 'key = "n"')
        + r"""
        [[step]]
        id = "ask"
        start = []
        terminal = "40x10"
        screen.contains = ["[y/N]"]
        [[step]]
        type = ["${case.key}", { key = "Enter" }]
        in = "ask"
        [[step]]
        id = "end"
        wait = "end"
        in = "ask"
        exit = "${case.code}"
        screen.equals = "${case.shows}"
    """
    )
    results = bench.run(text, bench.program(ASK))
    assert [result.verdict for result in results] == [Verdict.PASSED, Verdict.PASSED], results
    assert results[0].observations[-1].terminal == b"Go? [y/N]: y\r\ngone\r\n"
    assert results[0].observations[-1].streams() == (("terminal", b"Go? [y/N]: y\r\ngone\r\n"),)


@pytest.mark.parametrize(
    ("key", "end", "pattern"),
    [("Ctrl-C", '"signal:INT"', "[y/N]: ^C"), ("Ctrl-D", "3", "no answer"), ("Ctrl-\\", '"signal:QUIT"', "^\\")],
)
def test_keys_reach_the_program_as_on_any_terminal(bench: Bench, key: str, end: str, pattern: str) -> None:
    text = f"""
        [[step]]
        id = "ask"
        start = []
        terminal = "40x10"
        [[step]]
        type = [{{ see = "Go? " }}, {{ key = '{key}' }}]
        in = "ask"
        [[step]]
        wait = "end"
        in = "ask"
        exit = {end}
        screen.contains = ['{pattern}']
    """
    result = bench.one(text, bench.program(f"ulimit -c 0; {ASK}"))
    assert result.verdict is Verdict.PASSED, result


def test_a_program_finds_a_real_terminal_of_the_stated_size(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "101x7"\n[[step]]\nwait = "end"\nin = "a"\nscreen.equals = "7 101\\nlinux none\\n"\n'
    result = bench.one(text, bench.program('stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && : < /dev/tty && echo "$TERM ${COLUMNS-none}"'))
    assert result.verdict is Verdict.PASSED, result


def test_the_screen_is_what_was_drawn_and_not_what_was_sent(bench: Bench) -> None:
    script = r"printf 'one\r\ntwo   \r\n\r\nwide: \346\227\245\346\234\254\r\n'; printf '\033[1;1HONE\033[2;2H\033[K\033[31mred\033[0m'; printf '\033[5;1H\n\n'"
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "20x6"\n[[step]]\nwait = "end"\nin = "a"\nscreen.equals = "tred\\n\\nwide: 日本\\n"\n'
    result = bench.one(text, bench.program(script))
    assert result.verdict is Verdict.PASSED, result


def test_a_screen_that_nobody_mentions_must_be_empty(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "20x6"\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\n'
    result = bench.one(text, bench.program("echo x"))
    assert [(finding.aspect, finding.check, finding.diff) for finding in result.findings] == [("screen", "empty", ("+ x",))]
    assert bench.one(text, bench.program("printf 'x\\r \\r'")).verdict is Verdict.PASSED


def test_the_screen_is_normalised_and_has_a_golden(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "200x6"\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\nscreen.snapshot = true\n'
    program = bench.program("pwd; echo $0")
    result = bench.one(text, program)
    assert [(use.key, use.actual, use.missing) for use in result.goldens] == [("unit/toy/w.screen", "<sandbox>\n<program>\n", True)]
    assert bench.one(text, program, goldens={"unit/toy/w.screen": "<sandbox>\n<program>\n"}).verdict is Verdict.PASSED


def test_the_edge_of_a_narrow_terminal_is_not_the_programs_doing(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "20x12"\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\nscreen.contains = ["here: <sandbox>\\n"]\n'
    assert bench.one(text, bench.program('echo "here: $PWD"')).verdict is Verdict.PASSED
    folded = bench.one(text, bench.program('echo "here: $PWD" | fold -w 19'))
    assert brief(folded) == [("w", "contains")], "a program that breaks a path itself is seen"


def test_a_screen_in_the_middle_is_awaited(bench: Bench) -> None:
    text = r"""
        [[step]]
        id = "a"
        start = []
        terminal = "30x6"
        [[step]]
        id = "t"
        type = [{ see = "> " }, "x", { key = "Enter" }]
        in = "a"
        screen.snapshot = true
        [[step]]
        type = [{ key = "Enter" }]
        in = "a"
        [[step]]
        wait = "end"
        in = "a"
        screen.ignore = "seen before"
    """
    program = bench.program('printf "> "; read x; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo "got $x"; read y')
    result = bench.one(text, program, goldens={"unit/toy/t.screen": "> x\ngot x\n"})
    assert result.verdict is Verdict.PASSED, result.findings
    missing = bench.one(text, program)
    assert [use.missing for use in missing.goldens] == [True] and brief(missing) == [("t", "snapshot")]


def test_what_is_not_seen_is_shown_with_the_screen_and_the_limit(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "30x6"\nscreen.contains = ["here"]\n'
    text += '[[step]]\nid = "t"\ntimeout = "200ms"\ntype = ["x", { see = "never" }]\nin = "a"\n'
    result = bench.one(text, bench.program("echo here; exec sleep 1000"))
    assert brief(result) == [("t", "type.see")]
    assert result.findings[0].message == "item 2: the screen does not show what it waits for: not within 0.2 s (step)"
    assert result.findings[0].diff[0] == "- never" and any("here" in line for line in result.findings[0].diff)


def test_what_can_no_longer_be_seen_is_not_waited_for(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "30x6"\n[[step]]\ntype = [{ match = "^n[e]ver$" }]\nin = "a"\n'
    result = bench.one(text, bench.program("exit 5"))
    assert result.findings[0].message.endswith(": the program has ended (exit 5)")
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "30x6"\n[[step]]\nwait = "end"\nin = "a"\n[[step]]\ntype = ["x"]\nin = "a"\n'
    result = bench.one(text, bench.program("exit 0"))
    assert result.findings[0].message == "item 1: the text could not be typed: the program has ended (exit 0)"


def test_a_program_that_loses_its_terminal_to_the_end_of_the_cell_is_found(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "30x6"\nscreen.contains = ["up"]\n'
    result = bench.one(text, bench.program("echo up; exec sleep 1000"))
    assert brief(result) == [("a", "running")]
    assert (result.observations[0].exit, result.observations[0].screen) == (Exit(signal="INT"), "up\n^C\n"[:3])


def test_a_terminal_that_is_written_to_for_ever_harms_nobody(bench: Bench) -> None:
    small = replace(bench, services=replace(bench.services, output_limit=5000))
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "30x6"\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\nscreen.ignore = "endless"\ntimeout = "500ms"\n'
    result = small.one(text, bench.program("exec yes"))
    assert brief(result) == [("w", "timeout")]
    assert len(result.observations[-1].terminal or b"") == 5000 and result.observations[-1].cut["terminal"] > 0
    cut = small.one(text.replace('screen.ignore = "endless"', 'screen.matches = "y"'), bench.program("yes | head -c 6000"))
    assert brief(cut) == [("w", "output-limit")]


def test_a_terminal_answers_a_program_that_asks_where_the_cursor_is(bench: Bench) -> None:
    script = r"stty raw -echo min 0 time 50; printf 'ab\033[6n'; answer=$(dd bs=1 count=6 2>/dev/null); stty sane; printf '%s' \"$answer\" | od -An -c"
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "60x6"\n[[step]]\nwait = "end"\nin = "a"\nscreen.matches = "1 +; +3 +R"\n'
    result = bench.one(text, bench.program(script.replace('\\"', '"')))
    assert result.verdict is Verdict.PASSED, result


def test_without_a_terminal_to_be_had_it_is_unsupported(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nterminal = "30x6"\n[[step]]\nwait = "end"\nin = "a"\n'
    piped = replace(bench, services=replace(bench.services, transport=lambda artifact: LocalTransport("pipes", frozenset({"tty"})), goldens=Folder()))
    result = piped.one(text, bench.program("exit 1"))
    assert (result.verdict, result.reason) == (Verdict.UNSUPPORTED, "needs tty, which is lost when the artifact is started by pipes")


SIZE = Terminal(20, 5)
CONTROLS = "\x1b[ \x1b] \x1b( \x1b#8 \x1b%@ \x1b%G \x1b7 \x1b8 ? ; 9999 m H J K r h l c n L M P X @ A $ \x0e \x18 \b text 日 e\u0301 \u200b"
PIECES = st.sampled_from([*(word.encode() for word in CONTROLS.split(" ")), b"\n", b"\r", b"\t", b"\x9b", b"\xff"])


@given(st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=40).map(b"".join), st.integers(1, 7))
@example(b"\x1b[?5A\x1b[1;2;3;4A\x1b[" + b"9" * 6000 + b"A", 1)
@example(b"\x1b[?3h" + b"x" * 200 + b"\x1b[?3l", 3)
@settings(max_examples=500, deadline=None)
def test_any_bytes_give_a_screen_of_the_stated_size_however_they_arrive(data: bytes, step: int) -> None:
    whole, pieces = Screen(SIZE, lambda answer: None), Screen(SIZE, lambda answer: None)
    whole.feed(data)
    for start in range(0, len(data), step):
        pieces.feed(data[start : start + step])
    lines = whole.text().splitlines()
    assert len(lines) <= SIZE.rows
    assert all(line == line.rstrip(" ") for line in lines)
    assert whole.text() == pieces.text()


def test_an_invisible_character_does_not_swallow_the_rest() -> None:
    screen = Screen(SIZE, lambda answer: None)
    screen.feed("a\u200bb\u2060c e\u0301".encode())
    assert screen.text() == "abc \u00e9\n"


def test_a_heap_of_combining_characters_takes_no_time_to_speak_of() -> None:
    screen = Screen(SIZE, lambda answer: None)
    screen.feed(b"e" + "\u0301".encode() * 200_000)
    screen.feed(b"\x1b7" * 100_000)
    assert len(screen.text()) < 40
