"""The query of a URL as RFC 3986 wants it: unreserved characters stay, every other byte of the UTF-8 form is escaped."""

from __future__ import annotations

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def encoded(parameters: tuple[tuple[str, str | None], ...]) -> str:
    """`?name=value&…` in the order given, without those that are None or blank; empty when none is left."""
    pairs = [name + "=" + escaped(value) for name, value in parameters if value is not None and value.strip()]
    return "?" + "&".join(pairs) if pairs else ""


def escaped(text: str) -> str:
    """One value; a byte of the command line that was no UTF-8 becomes the escape that it is shown as elsewhere."""
    data = text.encode("utf-8", "backslashreplace")
    if _UNRESERVED.issuperset(data):
        return text
    return "".join([chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data])
