"""Addresses of control planes: absolute http URLs, taken apart without a library.

Refused: anything but http and https, user names and passwords inside the address (they would end up in histories
and logs), control characters, ports out of range. A host name beyond ASCII stands in its ASCII form from here on.
"""

from __future__ import annotations

_LONGEST = 8192
_HOST_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")
_IPV6_SIGNS = frozenset("0123456789abcdefABCDEF:.")


class AddressFault(Exception):
    """The text is not an address that can be used; the message says why in a few words."""


class Address:
    """Scheme, host (without brackets), port and target (path and query)."""

    __slots__ = ("host", "port", "scheme", "target")

    def __init__(self, scheme: str, host: str, port: int, target: str) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target

    @property
    def authority(self) -> str:
        """Host and port as they stand in a Host header: the default port is left out."""
        host = "[" + self.host + "]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def text(self) -> str:
        return self.scheme + "://" + self.authority + self.target

    def with_target(self, target: str) -> Address:
        """The same server, another path."""
        return Address(self.scheme, self.host, self.port, target)


def parse(text: str) -> Address:
    """The address, or AddressFault. A fragment is dropped."""
    if len(text) > _LONGEST:
        raise AddressFault("it is too long")
    if not text.isprintable():
        raise AddressFault("it holds a character that cannot stand in a URL")
    scheme, mark, rest = text.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in ("http", "https"):
        raise AddressFault("expected http://host:port")
    end = len(rest)
    for sign in "/?#":
        found = rest.find(sign)
        if 0 <= found < end:
            end = found
    host, port = _authority(rest[:end], 443 if scheme == "https" else 80)
    target = rest[end:].partition("#")[0]
    if not target.startswith("/"):
        target = "/" + target
    return Address(scheme, host, port, _quoted(target))


def resolve(base: Address, reference: str) -> Address:
    """Where a Location header leads from `base`."""
    if "://" in reference.partition("?")[0]:
        return parse(reference)
    if not reference.isprintable():
        raise AddressFault("it holds a character that cannot stand in a URL")
    if reference.startswith("//"):
        return parse(base.scheme + ":" + reference)
    reference = reference.partition("#")[0]
    path = base.target.partition("?")[0]
    if reference.startswith("/"):
        return base.with_target(_quoted(reference))
    if reference.startswith("?") or not reference:
        return base.with_target(_quoted(path + reference))
    return base.with_target(_quoted(_without_dots(path.rpartition("/")[0] + "/" + reference)))


def _without_dots(target: str) -> str:
    path, mark, query = target.partition("?")
    kept: list[str] = []
    steps = path.split("/")[1:]
    for step in steps:
        if step == "..":
            if kept:
                kept.pop()
        elif step != ".":
            kept.append(step)
    if steps[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept) + mark + query


def _authority(text: str, usual: int) -> tuple[str, int]:
    if "@" in text:
        raise AddressFault("a user name or password inside a URL is not supported; leave it out")
    if text.startswith("["):
        host, closed, port_text = text[1:].partition("]")
        if not closed or not host or ":" not in host or not _IPV6_SIGNS.issuperset(host):
            raise AddressFault("the IPv6 address in brackets is not valid")
        if port_text and not port_text.startswith(":"):
            raise AddressFault("expected http://host:port")
        port_text = port_text[1:]
    else:
        host, _, port_text = text.partition(":")
        if not host or len(host) > 253:
            raise AddressFault("the host is missing; expected http://host:port" if not host else "the host name is too long")
        if not host.isascii():
            host = _ascii_host(host)
        elif not _HOST_SIGNS.issuperset(host):
            raise AddressFault("the host name is not valid")
    if not port_text:
        return host, usual
    if len(port_text) > 5 or not port_text.isascii() or not port_text.isdigit() or not 1 <= int(port_text) <= 65535:
        raise AddressFault("the port must be a number from 1 to 65535")
    return host, int(port_text)


def _ascii_host(host: str) -> str:
    from omnirelay.render.safe_text import shortened
    from omnirelay.transport import host_names

    try:
        found = host_names.ascii_form(host)
    except UnicodeError:
        found = ""
    # Wide forms of "/", ":" and "@" become the plain ones, which must not take a URL apart again.
    if not found or len(found) > 253 or not _HOST_SIGNS.issuperset(found):
        raise AddressFault("the host name '" + shortened(host, 80) + "' has no ASCII form that a network can use")
    return found


def _quoted(target: str) -> str:
    """Blanks, quotes and everything beyond ASCII as percent escapes."""
    if target.isascii() and " " not in target and '"' not in target:
        return target
    parts = [chr(byte) if 33 <= byte < 127 and byte != 34 else f"%{byte:02X}" for byte in target.encode("utf-8")]
    return "".join(parts)
