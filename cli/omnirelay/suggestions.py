"""Near names for a mistyped word, equal to what `difflib.get_close_matches` gives with its defaults.

The generator refuses names longer than 64 characters. For those the junk rule of difflib, which starts with words of
200 characters, can never matter: such a word is too long to reach the cut-off.
"""

from __future__ import annotations

_CUT_OFF = 0.6
_MOST = 3


def possible_options(name: str, names: dict[str, int]) -> str:
    """The tail of the message about an unknown option; empty when nothing is near."""
    matches = sorted(close_matches(name, tuple(names)))
    if not matches:
        return ""
    if len(matches) == 1:
        return " Did you mean " + matches[0] + "?"
    return " (Possible options: " + ", ".join(matches) + ")"


def close_matches(word: str, names: tuple[str, ...]) -> list[str]:
    """Up to three names, the nearest first."""
    scored = []
    for name in names:
        total = len(name) + len(word)
        if total and 2.0 * min(len(name), len(word)) / total >= _CUT_OFF:
            score = 2.0 * _matched(name, word) / total
            if score >= _CUT_OFF:
                scored.append((score, name))
    scored.sort(reverse=True)
    return [name for _, name in scored[:_MOST]]


def _matched(left: str, right: str) -> int:
    """The number of characters in the matching blocks of Ratcliff and Obershelp."""
    total = 0
    waiting = [(0, len(left), 0, len(right))]
    while waiting:
        low, high, start, stop = waiting.pop()
        at, there, size = _longest(left, right, low, high, start, stop)
        if size:
            total += size
            waiting.append((low, at, start, there))
            waiting.append((at + size, high, there + size, stop))
    return total


def _longest(left: str, right: str, low: int, high: int, start: int, stop: int) -> tuple[int, int, int]:
    """The longest common block; of several the first in `left`, then the first in `right`."""
    best_left, best_right, best = low, start, 0
    lengths: dict[int, int] = {}
    for i in range(low, high):
        row: dict[int, int] = {}
        for j in range(start, stop):
            if left[i] == right[j]:
                size = lengths.get(j - 1, 0) + 1
                row[j] = size
                if size > best:
                    best_left, best_right, best = i - size + 1, j - size + 1, size
        lengths = row
    return best_left, best_right, best
