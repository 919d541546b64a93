"""Texts as C source."""

from __future__ import annotations

_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\?')


def c_string(text: str) -> str:
    """A C string literal; every byte that is not a plain character is written in octal, which cannot run into the next one."""
    return '"' + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in text.encode()) + '"'
