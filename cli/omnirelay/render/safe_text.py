"""Text from elsewhere, made safe for a terminal: whatever is not printable is shown as an escape."""

from __future__ import annotations


def visible(text: str) -> str:
    """`text` with every control, format, separator and surrogate character written as its escape."""
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else _escape(ord(char)) for char in text])


def shortened(text: str, limit: int) -> str:
    """`visible(text)`, cut to `limit` characters with the cut shown."""
    return visible(text) if len(text) <= limit else visible(text[:limit]) + "..."


def _escape(code: int) -> str:
    if code == 10:
        return "\\n"
    if code == 13:
        return "\\r"
    if code == 9:
        return "\\t"
    if code < 256:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
