"""What a terminal shows: the bytes that a program writes to it, rendered to lines of text.

Any bytes are taken. A control sequence that the emulator does not know, or that has parameters which it cannot take, is left out, as real
terminals do; bytes that are not UTF-8 show as U+FFFD.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

import pyte
from wcwidth import wcwidth

from harness.model.step import Terminal

_REFUSED: Final = (TypeError, ValueError, IndexError, KeyError, AttributeError)
"""How the emulator answers sequences with parameters that it cannot take; its parser starts afresh after each."""
_SAVED: Final = 16
"""Cursor positions that are remembered at a time: a program that saves for ever must not fill the memory."""
_COMBINING: Final = 8
"""Combining characters in a row that are put onto one cell; composing a cell takes time with the square of their number."""


class Screen:
    """A screen of a fixed size. ``answer`` takes what the terminal itself says to a program that asks it something."""

    def __init__(self, size: Terminal, answer: Callable[[bytes], None]) -> None:
        self._screen = _Emulator(size, answer)
        self._stream = _Lenient(self._screen)

    def feed(self, data: bytes) -> None:
        self._stream.feed(data)

    def text(self) -> str:
        """The lines without their trailing blanks, each with a line end; empty lines at the bottom are left out."""
        lines = [self._line(row) for row in range(self._screen.lines)]
        while lines and not lines[-1]:
            lines.pop()
        return "".join(f"{line}\n" for line in lines)

    def _line(self, row: int) -> str:
        cells = self._screen.buffer[row]
        # The second cell of a wide character is empty text; without its first half it is a blank.
        return "".join(cells[column].data for column in range(self._screen.columns)).rstrip(" ")


class _Emulator(pyte.Screen):
    def __init__(self, size: Terminal, answer: Callable[[bytes], None]) -> None:
        self._answer = answer
        super().__init__(size.columns, size.rows)

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """A program cannot change the size: a sequence for 132 columns is taken for what else it does."""

    def draw(self, data: str) -> None:
        """Without what no terminal shows: the emulator stops at such a character and loses the rest of the text."""
        super().draw(data if data.isascii() and data.isprintable() else "".join(_shown(data)))

    def save_cursor(self) -> None:
        super().save_cursor()
        del self.savepoints[:-_SAVED]


def _shown(data: str) -> Iterator[str]:
    row = 0
    for character in data:
        width = wcwidth(character)
        row = row + 1 if width == 0 else 0
        if width > 0 or (width == 0 and row <= _COMBINING and unicodedata.combining(character)):
            yield character


class _Lenient(pyte.ByteStream):
    def _send_to_parser(self, data: str) -> bool | None:
        try:
            return super()._send_to_parser(data)
        except _REFUSED:
            return True

    def select_other_charset(self, code: str) -> None:
        """UTF-8 it stays: what a program prints is judged as UTF-8 everywhere else, too."""
