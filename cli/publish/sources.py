"""The third-party sources that go into artifacts: what the lock file says about them, and how they reach this machine.

A file is used only after its SHA-256 was found to be the locked one. Locations are tried in turn; a location is a URL, or
`debian-pool:PATH`, which means PATH on each package mirror of this machine's own apt configuration.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cli.publish.apt_mirrors import mirrors
from cli.publish.cache import workspace
from cli.publish.digests import file_digest
from cli.publish.errors import PublishError

LOCK_FILE = Path(__file__).with_name("sources.lock.toml")
MAX_LOCK_BYTES = 1 << 20
MAX_SOURCE_BYTES = 1 << 30
SECONDS_WITHOUT_DATA = 30.0
ATTEMPTS = 2

_POOL = "debian-pool:"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_KEYS = frozenset({"name", "version", "sha256", "licence", "locations"})


@dataclass(frozen=True, slots=True)
class Source:
    """One locked third-party source."""

    name: str
    version: str
    sha256: str
    licence: str
    locations: tuple[str, ...]


def read_lock(path: Path = LOCK_FILE) -> dict[str, Source]:
    """The locked sources by name; anything the format does not allow is an error that names the file and the entry."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_LOCK_BYTES + 1)
    except OSError as error:
        raise PublishError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_LOCK_BYTES:
        raise PublishError(f"{path}: is larger than {MAX_LOCK_BYTES // 1024} KiB")
    return parse_lock(raw, str(path))


def parse_lock(raw: bytes, where: str) -> dict[str, Source]:
    """What `read_lock` does, for bytes that are already there."""
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PublishError(f"{where}: is not valid TOML: {error}") from None
    if document.get("format") != 1 or set(document) - {"format", "source"}:
        raise PublishError(f"{where}: must hold format = 1 and [[source]] tables, nothing else")
    tables = document.get("source", [])
    if not isinstance(tables, list):
        raise PublishError(f"{where}: source must be a list of tables, written [[source]]")
    found: dict[str, Source] = {}
    for index, table in enumerate(tables):
        source = _source(table, f"{where}: source[{index}]")
        if source.name in found:
            raise PublishError(f'{where}: source[{index}]: "{source.name}" stands there twice')
        found[source.name] = source
    return found


def _source(table: object, where: str) -> Source:
    if not isinstance(table, dict) or set(table) != _KEYS:
        raise PublishError(f"{where}: must have exactly the keys {', '.join(sorted(_KEYS))}")
    texts: Mapping[str, object] = table
    for key in ("name", "version", "sha256", "licence"):
        if not isinstance(texts[key], str) or not texts[key]:
            raise PublishError(f"{where}: {key} must be a string that is not empty")
    name, sha256 = str(texts["name"]), str(texts["sha256"])
    if not _NAME.match(name):
        raise PublishError(f"{where}: name must consist of lower-case letters, digits, dots and hyphens")
    if not _DIGEST.match(sha256):
        raise PublishError(f"{where}: sha256 must be 64 lower-case hexadecimal digits")
    locations = texts["locations"]
    if not isinstance(locations, list) or not locations or not all(isinstance(item, str) and _usable(item) for item in locations):
        raise PublishError(f"{where}: locations must be a list of https addresses and {_POOL}PATH entries, at least one")
    return Source(name, str(texts["version"]), sha256, str(texts["licence"]), tuple(locations))


def _usable(location: str) -> bool:
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in location):
        return False
    if location.startswith(_POOL):
        path = location.removeprefix(_POOL)
        return path.startswith("pool/") and ".." not in path.split("/")
    return location.startswith("https://")


def addresses(source: Source, pool_mirrors: tuple[str, ...]) -> tuple[str, ...]:
    """The URLs to try, in order."""
    found: dict[str, None] = {}
    for location in source.locations:
        if location.startswith(_POOL):
            for mirror in pool_mirrors:
                found.setdefault(f"{mirror}/{location.removeprefix(_POOL)}")
        else:
            found.setdefault(location)
    return tuple(found)


def fetch(source: Source, store: Path, pool_mirrors: Callable[[], tuple[str, ...]] = mirrors) -> Path:
    """The verified file of `source` in `store`, downloaded when it is not there yet."""
    final = store / f"{source.name}-{source.version}-{source.sha256[:16]}"
    if final.is_file():
        if file_digest(final) == source.sha256:
            return final
        final.unlink()
    tried: list[str] = []
    with workspace(store) as place:
        for address in addresses(source, pool_mirrors()):
            for _ in range(ATTEMPTS):
                problem = _download(address, place / "file", source.sha256)
                if problem is None:
                    (place / "file").replace(final)
                    return final
                tried.append(f"{address}: {problem}")
    listed = "\n  ".join(dict.fromkeys(tried)) or f"none: {source.name} comes from a Debian mirror and this machine's apt configuration names none"
    raise PublishError(
        f"the source of {source.name} {source.version} could not be downloaded. Tried:\n  {listed}\n"
        f"Check the network, or put the file (SHA-256 {source.sha256}) at {final} and publish again."
    )


def _download(address: str, target: Path, sha256: str) -> str | None:
    """None, or why the file at `address` cannot be used."""
    try:
        # The standard proxy and trust variables of the environment are honoured by urllib and OpenSSL themselves.
        request = urllib.request.Request(address, headers={"User-Agent": "omnirelay-publish"})
        with urllib.request.urlopen(request, timeout=SECONDS_WITHOUT_DATA) as answer, target.open("wb") as file:
            found = _copy(answer, file)
    except urllib.error.HTTPError as error:
        return f"HTTP status {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return str(getattr(error, "reason", None) or error or type(error).__name__)
    if found is None:
        return f"larger than {MAX_SOURCE_BYTES >> 20} MiB"
    return None if found == sha256 else f"has SHA-256 {found}, the lock file asks for {sha256}"


def _copy(answer: http.client.HTTPResponse, file: BinaryIO) -> str | None:
    digest = hashlib.sha256()
    total = 0
    expected = answer.length
    while piece := answer.read(1 << 20):
        total += len(piece)
        if total > MAX_SOURCE_BYTES:
            return None
        digest.update(piece)
        file.write(piece)
    if expected is not None and total != expected:
        raise http.client.IncompleteRead(b"", expected - total)
    return digest.hexdigest()
