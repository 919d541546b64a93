"""Text differences: complete, minimal where it matters, bounded in size and time, and readable."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compare.text import SHOWN_COLUMNS, SHOWN_LINES, _matches, diff_lines, excerpt, visible

LINES = st.lists(st.sampled_from(["a", "b", "c", "same", ""]), max_size=30)


@given(LINES, LINES)
@settings(deadline=None)
def test_kept_lines_are_equal_and_in_order(old: list[str], new: list[str]) -> None:
    pairs = _matches(old, new)
    assert all(old[left] == new[right] for left, right in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    assert len(pairs) == _longest_common(old, new)


def _longest_common(old: list[str], new: list[str]) -> int:
    """The textbook table: as many lines as can be kept at all."""
    row = [0] * (len(new) + 1)
    for left in old:
        diagonal = 0
        for index, right in enumerate(new, 1):
            diagonal, row[index] = row[index], diagonal + 1 if left == right else max(row[index], row[index - 1])
    return row[-1]


@given(LINES, LINES)
@settings(deadline=None)
def test_equal_texts_and_only_they_have_no_difference(old: list[str], new: list[str]) -> None:
    assert (diff_lines("\n".join(old), "\n".join(new)) == ()) == ("\n".join(old) == "\n".join(new))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_can_be_compared(old: str, new: str) -> None:
    for line in diff_lines(old, new):
        assert line.replace("⏎", "x").isprintable()


def test_changed_line_with_its_surroundings() -> None:
    old = "State   : Draining\nReason  : kernel\nUpdated : <time:1>\n"
    assert diff_lines(old, old.replace("kernel", "Kernel")) == ("  State   : Draining", "- Reason  : kernel", "+ Reason  : Kernel", "  Updated : <time:1>")


def test_invisible_differences_become_visible() -> None:
    assert diff_lines("a\n", "a  \n") == ("- a", "+ a··")
    assert diff_lines("a\n", "a\r\n") == ("- a", "+ a␍")
    assert diff_lines("a\n", "a") == ("  a", "+ ⏎ missing at the end")
    assert diff_lines("a\tb\n", "a\x1b[0m\x01\n") == ("- a→b", "+ a␛[0m\\x01")


def test_far_apart_changes_are_separate_parts() -> None:
    old = [str(number) for number in range(100)]
    new = [*old[:10], "x", *old[11:90], "y", *old[91:]]
    lines = diff_lines("\n".join(old) + "\n", "\n".join(new) + "\n")
    assert [line for line in lines if line.startswith("@@")] == ["@@ line 8 @@", "@@ line 88 @@"]
    assert [line for line in lines if line[0] in "+-"] == ["- 10", "+ x", "- 90", "+ y"]


def test_large_texts_are_cheap_and_the_result_is_short() -> None:
    old = "".join(f"line {number}\n" for number in range(20_000))
    new = old.replace("7", "seven")
    lines = diff_lines(old, new)
    assert len(lines) == SHOWN_LINES + 1
    assert lines[-1].endswith("more lines of difference")


def test_repetitive_texts_do_not_explode() -> None:
    assert len(diff_lines("a\nb\n" * 20_000, "b\na\n" * 20_001)) <= SHOWN_LINES + 1


def test_long_lines_are_cut_around_the_first_difference() -> None:
    old, new = "x" * 5000 + "1" + "y" * 5000, "x" * 5000 + "2" + "y" * 5000
    minus, plus = diff_lines(old + "\n", new + "\n")
    assert "1y" in minus and "2y" in plus
    assert max(len(minus), len(plus)) < SHOWN_COLUMNS + 60


def test_excerpt_tells_how_much_is_left_out() -> None:
    assert excerpt("a\nb\nc\n", limit=2) == ("+ a", "+ b", "… 1 more lines")
    assert visible("a" * 300).endswith("… (+60 characters)")
