"""What a request asks of the shards: filters, page, range and scope, read from its query and headers as the original reads them (domain 6.3, 8)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import QueryParams

from harness.servers.control_plane.shards.model import Change, ShardStatus

READ: Final = frozenset({"mesh.read", "mesh.operate"})
OPERATE: Final = frozenset({"mesh.operate"})
DEFAULT_PAGE: Final = 100
LARGEST_PAGE: Final = 500
_SEPARATORS: Final = re.compile(r"[ ,;]+")
_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,40}\s*", re.ASCII)
_STATUSES: Final = {**{status.word.lower(): status for status in ShardStatus}, **{str(int(status)): status for status in ShardStatus}}


class BadQuery(ValueError):
    """A value of the query cannot be used; the message is the one that is sent."""


class BadCursor(ValueError):
    """The text is no cursor."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which shards are meant; what is absent does not narrow."""

    namespace: str | None = None
    owner: str | None = None
    search: str | None = None
    statuses: tuple[ShardStatus, ...] = ()

    def admits(self, change: Change) -> bool:
        """Whether a change is meant: the case of letters does not matter here, and no character is a wild card (domain 6.4)."""
        return (
            (not self.statuses or change.record.status in self.statuses)
            and (self.namespace is None or folded(change.record.namespace) == folded(self.namespace))
            and (self.owner is None or folded(change.row.owner) == folded(self.owner))
            and (self.search is None or folded(self.search) in folded(change.record.shard_id))
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """The shard after which a page begins."""

    namespace: str
    shard_id: str

    def text(self) -> str:
        return base64.b64encode(f"{self.namespace}|{self.shard_id}".encode()).decode("ascii")


def allowed(lines: Sequence[str], scopes: frozenset[str]) -> bool:
    """Whether the ``x-mesh-scope`` lines of a request name one of ``scopes``."""
    return any(token.lower() in scopes for line in lines for token in _SEPARATORS.split(line))


def read_filter(query: QueryParams) -> Filter:
    """The filter; ``BadQuery`` for a status that is none."""
    return Filter(_text(query, "namespace"), _text(query, "owner"), _text(query, "search"), _statuses(query.getlist("status")))


def read_size(query: QueryParams) -> int:
    """How many items a page may have."""
    size = read_number(query, "pageSize", 32)
    return DEFAULT_PAGE if size is None or size <= 0 else min(size, LARGEST_PAGE)


def read_number(query: QueryParams, name: str, bits: int = 64) -> int | None:
    """A whole number of so many bits, absent when the query does not name it."""
    given = query.getlist(name)
    if not given:
        return None
    # A parameter that occurs twice becomes one text in the original, which is then no number.
    text = ",".join(given)
    limit = 1 << (bits - 1)
    if _NUMBER.fullmatch(text) is None or not -limit <= int(text) < limit:
        raise BadQuery(f"Invalid {name} value.")
    return int(text)


def cursor_text(query: QueryParams) -> str | None:
    """The cursor as it was given."""
    return _text(query, "cursor")


def parse_cursor(text: str) -> Cursor:
    """The shard that a cursor names."""
    try:
        # White space is skipped and broken UTF-8 replaced, as the original's readers do.
        decoded = base64.b64decode("".join(text.split()).encode("ascii"), validate=True).decode("utf-8", "replace")
    except (binascii.Error, UnicodeEncodeError):
        raise BadCursor(text) from None
    namespace, _, shard_id = decoded.partition("|")
    if not namespace.strip() or not shard_id.strip():
        raise BadCursor(text)
    return Cursor(namespace, shard_id)


def folded(text: str) -> str:
    """The text for comparisons that ignore case: each character for itself, so that no word changes its length."""
    if text.isascii():
        return text.upper()
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in text)


def _text(query: QueryParams, name: str) -> str | None:
    return ",".join(query.getlist(name)).strip() or None


def _statuses(given: Sequence[str]) -> tuple[ShardStatus, ...]:
    found: list[ShardStatus] = []
    for token in (token for text in given for token in _SEPARATORS.split(text.strip()) if token):
        status = _STATUSES.get(token.lower())
        if status is None:
            raise BadQuery(f"Invalid status '{token}'.")
        if status not in found:
            found.append(status)
    return tuple(found)
