"""Columns padded to fixed widths and never cut, one space between them, as the original program prints them."""

from __future__ import annotations


class Columns:
    """The heads and widths of a table; a width below zero aligns to the right."""

    __slots__ = ("heads", "widths")

    def __init__(self, heads: tuple[str, ...], widths: tuple[int, ...]) -> None:
        self.heads = heads
        self.widths = widths

    def head(self) -> str:
        return self.row(self.heads)

    def row(self, cells: tuple[str, ...]) -> str:
        padded = []
        for index, width in enumerate(self.widths):
            cell = cells[index]
            padded.append(cell.ljust(width) if width >= 0 else cell.rjust(-width))
        return " ".join(padded) + "\n"
