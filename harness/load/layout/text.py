"""The layout of a whole file. It never changes what the file says."""

from __future__ import annotations

import tomllib

from harness.load.document import Document
from harness.load.layout.order import sort
from harness.load.layout.reader import read
from harness.load.layout.writer import write


class LayoutError(Exception):
    """The file could not be laid out without changing its meaning, so it is left as it is."""


def formatted(document: Document) -> str:
    """The text of a file in the layout of the house; raises ``LayoutError`` rather than return anything that reads differently."""
    text = write(sort(read(document.text)))
    try:
        same = _plain(tomllib.loads(text)) == _plain(document.value)
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"{document.display}: cannot be laid out: {error}") from error
    if not same:
        raise LayoutError(f"{document.display}: cannot be laid out without changing its meaning; leave it as it is")
    return text


def _plain(value: object) -> object:
    """Something that can be compared: with types, and with every not-a-number equal to itself."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return type(value).__name__, repr(value)
