"""How two texts differ, in lines a person can read: linear in the length of equal parts, limited in output, with invisible characters made visible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SHOWN_LINES: Final = 60
SHOWN_COLUMNS: Final = 240
CONTEXT: Final = 3
_EDITS: Final = 400
"""Beyond this many edits the rest is told as one replaced block: nobody reads more, and the search stays far from quadratic."""
_MARKS: Final = {"\t": "→", "\r": "␍", "\x1b": "␛", "\0": "␀", "\b": "␈", "\x07": "␇"}
_NO_END: Final = "⏎ missing at the end"


@dataclass(frozen=True, slots=True)
class _Edit:
    """A line that is kept (`` ``), only expected (``-``) or only actual (``+``); ``number`` counts lines of the actual text."""

    sign: str
    line: str
    number: int


def diff_lines(expected: str, actual: str) -> tuple[str, ...]:
    """Unified-diff lines without headers; ``- `` is expected, ``+ `` is what came. Empty when the texts are equal."""
    if expected == actual:
        return ()
    edits = list(_edits(_split(expected), _split(actual)))
    lines = list(_hunks(edits))
    if len(lines) > SHOWN_LINES:
        left = len(lines) - SHOWN_LINES
        lines = [*lines[:SHOWN_LINES], f"… {left} more lines of difference"]
    return tuple(lines)


def excerpt(text: str, sign: str = "+", limit: int = 12) -> tuple[str, ...]:
    """The first lines of a text as diff lines."""
    lines = _split(text)
    shown = [f"{sign} {visible(line)}" for line in lines[:limit]]
    return (*shown, f"… {len(lines) - limit} more lines") if len(lines) > limit else tuple(shown)


def visible(line: str) -> str:
    """A line with control characters and trailing white space made visible, cut to a readable width."""
    cut = f"… (+{len(line) - SHOWN_COLUMNS} characters)" if len(line) > SHOWN_COLUMNS else ""
    line = line[:SHOWN_COLUMNS]
    body = line.rstrip(" ")
    trail = "" if cut else "·" * (len(line) - len(body))
    body = line if cut else body
    if not body.isprintable():
        body = "".join(char if char.isprintable() or char == "⏎" else _MARKS.get(char, f"\\x{ord(char):02x}") for char in body)
    return body + trail + cut


def _split(text: str) -> list[str]:
    """Lines without their ends; a last line that does not end gets a marker, so that it differs from one that does."""
    if not text:
        return []
    lines = text.split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines, _NO_END]


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[_Edit]:
    start = 0
    while start < len(old) and start < len(new) and old[start] == new[start]:
        start += 1
    old_end, new_end = len(old), len(new)
    while old_end > start and new_end > start and old[old_end - 1] == new[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    for index in range(max(0, start - CONTEXT), start):
        yield _Edit(" ", old[index], index + 1)
    yield from _middle(old[start:old_end], new[start:new_end], start)
    for index in range(new_end, min(len(new), new_end + CONTEXT)):
        yield _Edit(" ", new[index], index + 1)


def _middle(old: Sequence[str], new: Sequence[str], offset: int) -> Iterator[_Edit]:
    """The edits between two unequal middles: a shortest script up to a bound, then the rest as one block."""
    x = y = 0
    for keep_x, keep_y in _matches(old, new):
        yield from (_Edit("-", old[index], offset + y + 1) for index in range(x, keep_x))
        yield from (_Edit("+", new[index], offset + index + 1) for index in range(y, keep_y))
        yield _Edit(" ", new[keep_y], offset + keep_y + 1)
        x, y = keep_x + 1, keep_y + 1
    yield from (_Edit("-", old[index], offset + y + 1) for index in range(x, len(old)))
    yield from (_Edit("+", new[index], offset + index + 1) for index in range(y, len(new)))


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs of equal lines on a shortest edit path (Myers 1986), cut off after ``_EDITS`` edits at the furthest point reached."""
    frontier = {1: 0}
    trace: list[dict[int, int]] = []
    best = (0, 0, 0)
    for distance in range(min(_EDITS, len(old) + len(new)) + 1):
        trace.append(dict(frontier))
        for diagonal in range(-distance, distance + 1, 2):
            down = diagonal == -distance or (diagonal != distance and frontier.get(diagonal - 1, -1) < frontier.get(diagonal + 1, -1))
            x = frontier[diagonal + 1] if down else frontier[diagonal - 1] + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            frontier[diagonal] = x
            if x <= len(old) and y <= len(new) and x + y >= sum(best[:2]):
                best = (x, y, distance)
            if x == len(old) and y == len(new):
                return _walk_back(trace, best)
    return _walk_back(trace[: best[2] + 1], best)


def _walk_back(trace: list[dict[int, int]], end: tuple[int, int, int]) -> list[tuple[int, int]]:
    x, y, _ = end
    pairs: list[tuple[int, int]] = []
    for distance in range(len(trace) - 1, -1, -1):
        frontier, diagonal = trace[distance], x - y
        down = diagonal == -distance or (diagonal != distance and frontier.get(diagonal - 1, -1) < frontier.get(diagonal + 1, -1))
        previous = diagonal + 1 if down else diagonal - 1
        before_x = frontier.get(previous, 0) if distance else 0
        before_y = before_x - previous if distance else 0
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if distance:
            x, y = before_x, before_y
    pairs.reverse()
    return pairs


def _hunks(edits: Sequence[_Edit]) -> Iterator[str]:
    """Changed lines with a little context; a gap is marked with the line number where the next part begins."""
    changed = [index for index, edit in enumerate(edits) if edit.sign != " "]
    shown = {near for index in changed for near in range(index - CONTEXT, index + CONTEXT + 1)}
    previous: int | None = None
    for index, edit in enumerate(edits):
        if index not in shown:
            continue
        if (previous is None and edit.number > 1) or (previous is not None and index != previous + 1):
            yield f"@@ line {edit.number} @@"
        previous = index
        yield f"{edit.sign} {_paired(edits, index)}"


def _paired(edits: Sequence[_Edit], index: int) -> str:
    """A long line is cut around its first difference from the line it replaces, not at its beginning."""
    edit = edits[index]
    if len(edit.line) <= SHOWN_COLUMNS or edit.sign == " ":
        return edit.line[:SHOWN_COLUMNS] if edit.sign == " " and edit.line.isprintable() else visible(edit.line)
    partner = _partner(edits, index)
    if partner is None:
        return visible(edit.line)
    first = next((at for at, (a, b) in enumerate(zip(edit.line, partner.line, strict=False)) if a != b), 0)
    start = max(0, first - SHOWN_COLUMNS // 3)
    return f"(from column {start + 1}) {visible(edit.line[start:])}" if start else visible(edit.line)


def _partner(edits: Sequence[_Edit], index: int) -> _Edit | None:
    """The replaced or replacing line of a ``-``/``+`` block with as many lines on both sides."""
    first = index
    while first and edits[first - 1].sign != " ":
        first -= 1
    last = first
    while last < len(edits) and edits[last].sign != " ":
        last += 1
    block = edits[first:last]
    half = len(block) // 2
    if [edit.sign for edit in block] != ["-"] * half + ["+"] * half:
        return None
    place = index - first
    return block[place + half if place < half else place - half]
