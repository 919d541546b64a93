"""One question to a parser, and all that can be seen of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Value = str | bool | int | tuple[str, ...] | None

DEFAULT_COLUMNS = "80"
STDOUT = 1
STDERR = 2


@dataclass(frozen=True, slots=True)
class Vector:
    """Arguments (without the program's name) and what a parser may look at besides them.

    Bytes that are no UTF-8 are surrogates in `words` and `columns`, as Python has them. `columns` is the variable COLUMNS (None: not set),
    `width` that of the terminal behind standard output (0: none is known), `terminals` the descriptors that are terminals.
    """

    words: tuple[str, ...]
    columns: str | None = DEFAULT_COLUMNS
    width: int = 0
    terminals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one parser made of a vector.

    `action` is `run` for a verb (also one that a parser answers by itself), `answer` for a help page or a refusal, otherwise the name of the
    eager option. `given` are the values that came from the command line, all others are defaults.
    """

    action: str
    path: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    given: tuple[str, ...] = ()
    stdout: str = ""
    stderr: str = ""
    code: int = 0


def settled(word: str) -> str:
    """What a word is when it arrives as bytes: surrogates that together are UTF-8 become their character."""
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def differing(name: str, expected: Seen, found: Seen) -> Iterator[str]:
    """One line for each thing in which `found` (of the parser `name`) is not as expected."""
    for field in ("action", "path", "values", "given", "stdout", "stderr", "code"):
        ours, theirs = getattr(found, field), getattr(expected, field)
        # For Python, true is 1.
        if ours != theirs or (field == "values" and repr(ours) != repr(theirs)):
            yield f"{name}: {field} is {ours!r}, expected {theirs!r}"
