"""Pages that were sent once and are asked for again: walks over the same shards follow one another, one for each artifact that is tested.

A page is two thirds of what the server does for a walk. It depends on nothing but the shards, what was asked for and how values are sent.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from harness.servers.control_plane.shards.query import Cursor, Filter
from harness.servers.control_plane.shards.render import Form

MOST_BYTES: Final = 48 * 1024 * 1024
"""A walk over a hundred thousand shards and another one over a quarter of them fit in."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """What a page depends on besides the shards."""

    wanted: Filter
    after: Cursor | None
    size: int
    form: Form


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, and the version that its headers name."""

    body: bytes
    version: int


class KeptPages:
    """Holds so many bytes of pages; those that nobody has asked for longest go first."""

    def __init__(self, limit: int = MOST_BYTES) -> None:
        self._limit = limit
        self._pages: OrderedDict[PageKey, Page] = OrderedDict()
        self._bytes = 0

    def get(self, key: PageKey) -> Page | None:
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def keep(self, key: PageKey, page: Page) -> None:
        """Keeps a page that is not there yet."""
        self._pages[key] = page
        self._bytes += len(page.body)
        while self._bytes > self._limit:
            _, oldest = self._pages.popitem(last=False)
            self._bytes -= len(oldest.body)

    def clear(self) -> None:
        self._pages.clear()
        self._bytes = 0
