"""A replay capsule as one zip file.

It holds the scenario's own files, the goldens it compared with, the recorded traffic of its servers, the raw output of every step, and ``capsule.json``
with the rest: arguments, environment, verdict, findings, and where everything lay, so that the output can be normalised anywhere. It is written whole or
not at all, with the same bytes for the same content. A capsule may come from anybody: the reader never unpacks to disk, knows every name that may occur,
and stops at limits whatever the headers of the archive say.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from harness import whole
from harness.model.traffic import Exchange
from harness.replay.capsule import Capsule, CapsuleError
from harness.replay.document import from_document, to_document
from harness.servers.exchanges import TrafficError, exchange_from_json, exchange_to_json
from harness.strict_json import no_constant, unique

SUFFIX: Final = ".zip"
DOCUMENT: Final = "capsule.json"
MAX_FILE: Final = 256 * 1024 * 1024
MAX_ENTRY: Final = 128 * 1024 * 1024
MAX_TOTAL: Final = 512 * 1024 * 1024
MAX_ENTRIES: Final = 5000
_FOLDERS: Final = ("scenarios/", "goldens/", "raw/", "traffic/")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 1024 * 1024


def write(path: Path, capsule: Capsule) -> None:
    """Written whole or not at all; folders are made."""
    document, raw = to_document(capsule)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole.replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _entries(capsule, document, raw):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)


def _entries(capsule: Capsule, document: Mapping[str, object], raw: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield DOCUMENT, json.dumps(document, indent=1).encode() + b"\n"
    yield from ((f"scenarios/{name}", data) for name, data in capsule.sources.items())
    yield from ((f"goldens/{key}", text.encode("utf-8", "surrogatepass")) for key, text in sorted(capsule.goldens.items()))
    yield from ((f"raw/{name}", data) for name, data in raw.items())
    for name, exchanges in sorted(capsule.traffic.items()):
        lines = {"format": 1, "exchanges": [exchange_to_json(exchange) for exchange in exchanges]}
        yield f"traffic/{name}.json", json.dumps(lines).encode() + b"\n"


def read(path: Path) -> Capsule:
    """The capsule of a file; a ``CapsuleError`` for any other bytes."""
    files = _files(path)
    taken = {folder: {name.removeprefix(folder): data for name, data in files.items() if name.startswith(folder)} for folder in _FOLDERS}
    try:
        value = _json(DOCUMENT, files.pop(DOCUMENT, None))
        traffic = {name.removesuffix(".json"): _exchanges(f"traffic/{name}", data) for name, data in taken["traffic/"].items()}
        goldens = {key: data.decode("utf-8") for key, data in taken["goldens/"].items()}
        return from_document(value, taken["raw/"], traffic, taken["scenarios/"], goldens)
    except (CapsuleError, TrafficError, UnicodeDecodeError) as error:
        raise CapsuleError(f"{path}: {error}") from None


def _files(path: Path) -> dict[str, bytes]:
    try:
        if path.stat().st_size > MAX_FILE:
            raise CapsuleError(f"{path}: is larger than {MAX_FILE >> 20} MiB")
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return _unpacked(path, archive)
    except OSError as error:
        raise CapsuleError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OverflowError) as error:
        # RuntimeError: an encrypted entry; NotImplementedError: another compression; ValueError, OverflowError: numbers in headers that cannot be.
        raise CapsuleError(f"{path}: is no capsule: {error}") from None


def _unpacked(path: Path, archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise CapsuleError(f"{path}: holds more than {MAX_ENTRIES} entries")
    files: dict[str, bytes] = {}
    left = MAX_TOTAL
    for entry in entries:
        if entry.filename in files or not _is_name(entry.filename):
            raise CapsuleError(f"{path}: {entry.filename!r:.80} is there twice or has no place in a capsule")
        with archive.open(entry) as stream:
            data = bytearray()
            while chunk := stream.read(_CHUNK):
                data += chunk
                if len(data) > min(MAX_ENTRY, left):
                    raise CapsuleError(
                        f"{path}: {entry.filename:.80} unpacks to more than {MAX_ENTRY >> 20} MiB, or all of it to more than {MAX_TOTAL >> 20} MiB"
                    )
        left -= len(data)
        files[entry.filename] = bytes(data)
    return files


def _is_name(name: str) -> bool:
    """One of the known places, and a plain relative path."""
    if name == DOCUMENT:
        return True
    parts = name.split("/")
    plain = name.isprintable() and len(name) <= 1000 and not any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts)
    return plain and len(parts) > 1 and name.startswith(_FOLDERS)


def _json(name: str, data: bytes | None) -> object:
    if data is None:
        raise CapsuleError(f"holds no {name}")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise CapsuleError(f"{name} is not JSON: {error}") from None


def _exchanges(name: str, data: bytes) -> tuple[Exchange, ...]:
    value = _json(name, data)
    items = value.get("exchanges") if isinstance(value, dict) and value.keys() == {"format", "exchanges"} and value["format"] == 1 else None
    if not isinstance(items, list):
        raise CapsuleError(f"{name} is no traffic of format 1")
    return tuple(exchange_from_json(item) for item in items)
