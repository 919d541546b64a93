"""A TOML text as a tree that has lost nothing but white space."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, date or word as it was written."""

    raw: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an array: the comments above it, the value, and the comment behind it."""

    comments: tuple[str, ...]
    value: Value
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Array:
    """``[…]``; ``tall`` when it was written over several lines."""

    items: tuple[Item, ...]
    tail: tuple[str, ...]
    """Comments behind the last item."""
    tall: bool


@dataclass(frozen=True, slots=True)
class Inline:
    """``{…}``."""

    pairs: tuple[tuple[tuple[str, ...], Value], ...]


Value = Scalar | Array | Inline


@dataclass(frozen=True, slots=True)
class Pair:
    """``key = value`` with the comments above it and the one behind it; ``apart`` when an empty line precedes the comments."""

    key: tuple[str, ...]
    value: Value
    comments: tuple[str, ...] = ()
    apart: bool = False
    remark: str = ""


@dataclass(slots=True)
class Table:
    """A heading and what stands below it; the first table of a file has no heading. An empty comment stands for an empty line."""

    heading: tuple[str, ...] = ()
    array: bool = False
    comments: tuple[str, ...] = ()
    remark: str = ""
    pairs: list[Pair] = field(default_factory=list)
    tail: tuple[str, ...] = ()
