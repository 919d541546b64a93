"""A JSON document for people and programs alike: indented, and on one line where indentation would only make a large answer larger (cli 14)."""

from __future__ import annotations

from omnirelay.jsontext import compact, indented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST_INDENTED = 524_288


def document(plain: Any) -> str:
    """The text with its line end. What decides is the size of the answer on one line, in bytes."""
    line = compact(plain)
    # A character has at least one byte, so most answers need not be encoded to be measured.
    if len(line) > LARGEST_INDENTED or len(line.encode("utf-8", "backslashreplace")) > LARGEST_INDENTED:
        return line + "\n"
    return indented(plain)
