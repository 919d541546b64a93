"""Makes a vector that shows a difference as small as it gets: a person has to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from cli.equivalence.vector import DEFAULT_COLUMNS, Vector


def shrink(vector: Vector, shows: Callable[[Vector], bool]) -> Vector:
    """The first vector, found by leaving things out of `vector`, of which nothing more can be left out; `shows` says whether one still differs."""
    while True:
        smaller = next((candidate for candidate in _smaller(vector) if shows(candidate)), None)
        if smaller is None:
            return vector
        vector = smaller


def _smaller(vector: Vector) -> Iterator[Vector]:
    """Simpler vectors, the boldest first; each is strictly simpler, so that shrinking ends."""
    words = vector.words
    size = len(words)
    while size:
        for start in range(0, len(words), size):
            yield replace(vector, words=words[:start] + words[start + size :])
        size //= 2
    if vector.terminals:
        yield replace(vector, terminals=())
    if vector.width:
        yield replace(vector, width=0)
    if vector.columns != DEFAULT_COLUMNS:
        yield replace(vector, columns=DEFAULT_COLUMNS)
    for number, word in enumerate(words):
        for shorter in _shorter(word):
            yield replace(vector, words=(*words[:number], shorter, *words[number + 1 :]))


def _shorter(word: str) -> Iterator[str]:
    size = len(word)
    while size:
        for start in range(0, len(word), size):
            yield word[:start] + word[start + size :]
        size //= 2
