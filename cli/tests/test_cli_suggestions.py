"""Near names are those of the standard library's difflib, which Typer asks; the shipped program has rules of its own for speed."""

from __future__ import annotations

import difflib
import random

from omnirelay.suggestions import close_matches


def test_near_names_are_those_of_difflib() -> None:
    chance = random.Random(7)

    def word(longest: int) -> str:
        return "".join(chance.choice("abc-") for _ in range(chance.randint(0, longest)))

    for _ in range(5000):
        names = tuple({"-" + word(12) for _ in range(5)})
        typed = word(14)
        assert close_matches(typed, names) == difflib.get_close_matches(typed, names), (typed, names)
    for size in (190, 199, 200, 260):
        typed = "ab" * (size // 2)
        assert close_matches(typed, ("ab" * 32, "a" * 64)) == difflib.get_close_matches(typed, ("ab" * 32, "a" * 64))
