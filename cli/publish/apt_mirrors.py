"""The package mirrors that this machine's own apt configuration names, in the order in which apt would read them.

Only the address is taken from a line; suites, components and keys do not matter, because every download is checked against
a committed SHA-256. Anything that is not understood is passed over: a strange line must not stop a build that needs no mirror.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_MAX_BYTES = 1 << 20
_MAX_FILES = 200
_MAX_MIRRORS = 50
_ONE_LINE = re.compile(r"\s*deb(?:-src)?\s+(?:\[[^\]\n]*\]\s+)?(\S+)\s+\S")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*:(.*)")


def mirrors(root: Path = Path("/etc/apt")) -> tuple[str, ...]:
    """The http and https addresses of all enabled sources, each once and without a final slash."""
    found: dict[str, None] = {}
    for path in _files(root):
        text = _text(path)
        addresses = deb822(text) if path.name.endswith(".sources") else one_line(text)
        for address in addresses:
            if address.startswith(("http://", "https://")):
                found.setdefault(address.rstrip("/"))
    return tuple(found)[:_MAX_MIRRORS]


def _files(root: Path) -> list[Path]:
    parts = root / "sources.list.d"
    try:
        inside = sorted(parts.iterdir())
    except OSError:
        inside = []
    return [root / "sources.list", *(p for p in inside if p.name.endswith((".list", ".sources")))][:_MAX_FILES]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def one_line(text: str) -> Iterator[str]:
    """The addresses of the older format: `deb [options] ADDRESS suite component …`."""
    for line in text.splitlines():
        match = _ONE_LINE.match(line)
        if match:
            yield match[1]


def deb822(text: str) -> Iterator[str]:
    """The addresses of the newer format: stanzas of fields, among them `URIs` and `Enabled`."""
    for stanza in _stanzas(text.splitlines()):
        if stanza.get("enabled", "yes").strip().lower() not in ("no", "false", "0", "off", "without", "disable"):
            yield from stanza.get("uris", "").split()


def _stanzas(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    stanza: dict[str, str] = {}
    field = ""
    for line in lines:
        if line.startswith("#"):
            continue
        if not line.strip():
            yield stanza
            stanza, field = {}, ""
        elif line[0] in " \t":
            if field:
                stanza[field] += "\n" + line.strip()
        elif match := _FIELD.match(line):
            field = match[1].lower()
            stanza[field] = match[2].strip()
    yield stanza
