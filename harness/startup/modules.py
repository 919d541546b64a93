"""Which modules a run loaded, told from outside: the program is never asked, so that asking cannot change the answer.

======================== ==========================================================================
of an interpreter        bytecode and extension files that it opened
of a frozen bundle       entries of its archives at whose beginning it read
of a native program      initialisers of linked-in modules that were executed (needs its symbols)
======================== ==========================================================================

Modules that an interpreter has in itself leave no trace of their own and are its business.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PyInstaller.archive.readers import ArchiveReadError, CArchiveReader  # type: ignore[import-untyped]  # it brings no types

from harness.startup.errors import StartupError

_BYTECODE = re.compile(r"(?P<folder>.*)/__pycache__/(?P<name>[^/.]+)\.[\w.-]+\.pyc\Z")
_EXTENSION = re.compile(r"(?P<folder>.*)/(?P<name>[^/.]+)\.(?:cpython|abi3)[\w.-]*\.so\Z")
_INITIALISER = re.compile(r"PyInit_((?:\d+[A-Za-z_]\w*)+|\w+)\Z")


def of_files(files: Iterable[str], roots: Sequence[str]) -> list[str]:
    """Modules by the files they came from; ``roots`` are the folders that modules are named below, the longest that fits counts."""
    found: list[str] = []
    for path in files:
        match = _BYTECODE.match(path) or _EXTENSION.match(path)
        if match is None:
            continue
        folder = match["folder"]
        fitting = [root for root in roots if folder == root or folder.startswith(root + "/")]
        if not fitting:
            continue
        below = folder[len(max(fitting, key=len)) :].strip("/")
        parts = [part for part in below.split("/") if part]
        if match["name"] != "__init__":
            parts.append(match["name"])
        found.append(".".join(parts))
    return found


def of_archives(seeks: Mapping[str, Sequence[int]]) -> list[str]:
    """Modules of a frozen bundle by the places in its archives that were read."""
    found: list[str] = []
    for path, offsets in seeks.items():
        entries = _zip_entries(path) if path.endswith(".zip") else _bundle_entries(path)
        for offset in offsets:
            name = entries.get(offset)
            if name is not None and name not in found:
                found.append(name)
    return found


def of_functions(functions: Iterable[str]) -> list[str]:
    """Modules of a native program by their initialisers: ``PyInit_9omnirelay5faults`` or ``PyInit__socket``."""
    found = []
    for function in functions:
        match = _INITIALISER.match(function)
        if match is not None:
            found.append(_unmangled(match[1]))
    return found


def _unmangled(text: str) -> str:
    """Parts of a dotted name, each behind its length; a name of one part stands as it is."""
    if not text[0].isdecimal():
        return text
    parts: list[str] = []
    while text:
        text = text.removeprefix("__") if parts else text
        digits = re.match(r"\d+", text)
        if digits is None:
            break
        size = int(digits[0])
        start = digits.end()
        parts.append(text[start : start + size])
        text = text[start + size :]
    return ".".join(parts)


def _zip_entries(path: str) -> dict[int, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            # Every reader of an archive begins at offset 0, so that a seek there tells nothing of the entry that lies there.
            return {info.header_offset: _dotted(info.filename) for info in archive.infolist() if info.header_offset}
    except (OSError, zipfile.BadZipFile) as error:
        raise StartupError(f"{path}: cannot be read: {error}") from None


def _bundle_entries(path: str) -> dict[int, str]:
    try:
        outer = CArchiveReader(path)
    except (ArchiveReadError, OSError):
        return {}  # not an archive: a time zone, a settings file
    entries: dict[int, str] = {}
    for name, row in outer.toc.items():
        if row[4] == "z":
            inner = outer.open_embedded_archive(name)
            entries.update({inner._start_offset + place: module for module, (_, place, _) in inner.toc.items()})
    return entries


def _dotted(name: str) -> str:
    return Path(name).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")
