"""The surroundings of a vector, for parsers that run in this process: COLUMNS, the width of the terminal, which streams are terminals.

A million real terminals cannot be had, so the three questions to the operating system are answered from the vector. The variable
is a real one: `os.environ` lies over the very table that the shipped program reads.
"""

from __future__ import annotations

import os
import posix
from collections.abc import Iterator
from contextlib import contextmanager

from cli.equivalence.vector import Vector

_COLUMNS = b"COLUMNS"
_LANGUAGE = b"LANGUAGE"


class Surroundings:
    """The current ones; what a parser asks for is that of the last `set`."""

    def __init__(self) -> None:
        self.width = 0
        self.terminals: tuple[int, ...] = ()

    def set(self, vector: Vector) -> None:
        """From now on the surroundings are those of `vector`."""
        self.width, self.terminals = vector.width, vector.terminals
        if vector.columns is None:
            posix.environ.pop(_COLUMNS, None)
        else:
            posix.environ[_COLUMNS] = vector.columns.encode("utf-8", "surrogateescape")

    def isatty(self, descriptor: int) -> bool:
        """In place of `posix.isatty`."""
        return descriptor in self.terminals

    def terminal_size(self, descriptor: int = 1) -> os.terminal_size:
        """In place of `os.get_terminal_size`."""
        if not self.width:
            raise OSError(f"descriptor {descriptor} is no terminal")
        return os.terminal_size((self.width, 24))


@contextmanager
def described() -> Iterator[Surroundings]:
    """Until the end of the block, surroundings that can be set."""
    surroundings = Surroundings()
    variables = {name: posix.environ.get(name) for name in (_COLUMNS, _LANGUAGE)}
    functions = (posix.isatty, posix.get_terminal_size, os.get_terminal_size)
    # Click asks for translations with every text; without a language it need not look on disk, and its texts do not follow the reader's.
    posix.environ[_LANGUAGE] = b"C"
    posix.isatty = surroundings.isatty
    posix.get_terminal_size = os.get_terminal_size = surroundings.terminal_size
    try:
        yield surroundings
    finally:
        posix.isatty, posix.get_terminal_size, os.get_terminal_size = functions
        for name, value in variables.items():
            posix.environ.pop(name, None)
            if value is not None:
                posix.environ[name] = value
