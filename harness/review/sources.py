"""Where bundles come from: a file, a folder with bundles somewhere below it, or a zip file such as continuous integration hands out."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from harness.review.bundle import MAX_LINE, NAME, Bundle, BundleError, read, read_file

MAX_BUNDLES: Final = 100
MAX_ENTRIES: Final = 100_000


def bundles(place: Path) -> tuple[Bundle, ...]:
    """Every bundle at a place, in the order of their paths; at least one, or a ``BundleError``."""
    if place.is_dir():
        found = sorted(path for path in place.rglob(NAME) if path.is_file())[: MAX_BUNDLES + 1]
        loaded = tuple(read_file(path) for path in found[:MAX_BUNDLES])
    elif zipfile.is_zipfile(place):
        loaded = tuple(_of_zip(place))
    elif place.exists():
        return (read_file(place),)
    else:
        raise BundleError(f"{place}: there is nothing there")
    if not loaded:
        raise BundleError(f"{place}: holds no {NAME}; a run in which no golden deviates leaves none")
    if len(loaded) >= MAX_BUNDLES:
        raise BundleError(f"{place}: holds {MAX_BUNDLES} bundles or more; review them in smaller parts")
    return loaded


def _of_zip(place: Path) -> Iterator[Bundle]:
    """Nothing is unpacked to disk, and no more is read of an entry than a bundle may hold, whatever its header says."""
    try:
        with zipfile.ZipFile(place) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise BundleError(f"{place}: holds more than {MAX_ENTRIES} entries")
            wanted = sorted((entry for entry in entries if entry.filename.rsplit("/", 1)[-1] == NAME), key=lambda entry: entry.filename)
            for entry in wanted[:MAX_BUNDLES]:
                with archive.open(entry) as stream:
                    yield read(f"{place}!{entry.filename}", _lines(stream))
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        # RuntimeError: an encrypted entry; NotImplementedError: a compression this interpreter does not know.
        raise BundleError(f"{place}: cannot be read as a zip file: {error}") from None


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.readline(MAX_LINE + 1), b"")
