"""What passed between a program and a server: each request as it was received, and the raw bytes that it was answered with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

MARK: Final = "x-conformance-step"
"""The header by which a request of a ``send`` step is told apart from those of the program."""


class Ending(Enum):
    """What became of the connection once the answer was over."""

    OPEN = "open"
    """It stayed open for the next request."""
    CLOSE = "close"
    RESET = "reset"
    SILENT = "silent"
    """Nothing was sent at all, and the connection was left open."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that were sent together, and how many seconds after the request had come."""

    after: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. ``target`` is path and query as they were sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pieces: tuple[Piece, ...]
    ending: Ending
    cut: bool = False
    """The answer was not kept to its end, because it was beyond the limit of the recording."""
    changed: bool = False
    """The request changed what the server holds."""

    @property
    def answer(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class StateChange:
    """A request that changed what its server holds; ``number`` counts the requests of the cell from 1."""

    number: int
    method: str
    target: str
    marked: bool
    """It came from a ``send`` step and not from the program."""


Traffic = Mapping[str, tuple[Exchange, ...]]
"""The exchanges of each server of a cell, in the order in which the requests came."""


def is_marked(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request came from a ``send`` step and not from the program."""
    return any(name.lower() == MARK for name, _ in headers)
