"""Where goldens come from: one index for the whole tree, ``snapshots/.recorded.json``, with a line for each golden that was written since there is an index.

It says from which artifact and version a golden was taken, and the digest of what was taken: of a golden that was changed by hand since, or that is older than
the index, nothing is known, and that is no mistake. A line changes only when its golden does. The file is described by ``harness/schema/origins-1.json``; it is
written whole or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from harness import whole
from harness.review.bundle import digest
from harness.strict_json import no_constant, unique

FORMAT: Final = 1
NAME: Final = ".recorded.json"
MAX_BYTES: Final = 64 * 1024 * 1024
_SHORT: Final = 16
"""Digits of a digest that are kept: enough to see that a text is another one."""
_DIGEST: Final = re.compile(r"[0-9a-f]{16}\Z")
_KEYS: Final = {"sha256", "artifact", "version"}


class OriginsError(Exception):
    """The index cannot be read or written; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The artifact that a golden was taken from."""

    artifact: str
    version: str

    def __str__(self) -> str:
        return f"{self.artifact}, {self.version}" if self.version else self.artifact


@dataclass(frozen=True, slots=True)
class _Line:
    sha256: str
    origin: Origin


def origin_of(artifacts: Sequence[str], reference: str, versions: Mapping[str, str]) -> Origin:
    """Of artifacts that all printed a text: the reference when it is one of them."""
    artifact = reference if reference in artifacts else min(artifacts, default=reference)
    return Origin(artifact, versions.get(artifact, ""))


class Origins:
    """The index of one tree of goldens. Questions are answered from one look at the file; what is recorded is added to what is there then."""

    def __init__(self, root: Path) -> None:
        self._path = root / NAME
        self._known: Mapping[str, _Line] | None = None

    def of(self, key: str, text: str) -> Origin | None:
        """Where the golden comes from that holds this text; None when nobody knows."""
        if self._known is None:
            self._known = self._read()
        line = self._known.get(key)
        return line.origin if line is not None and line.sha256 == digest(text)[:_SHORT] else None

    def sentence(self, key: str, text: str) -> str:
        """For people; empty when there is nothing to say. A broken index hides no failure, so it is only told."""
        try:
            found = self.of(key, text)
        except OriginsError as error:
            return str(error)
        return f"recorded from {found}" if found else ""

    def record(self, written: Mapping[str, tuple[str, Origin]], removed: Iterable[str] = ()) -> None:
        """Note where these goldens come from, and forget those that are gone."""
        gone = set(removed)
        if not written and not gone:
            return
        added = {key: _Line(digest(text)[:_SHORT], origin) for key, (text, origin) in written.items()}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole.alone(self._path.parent):  # two updates at the same time lose no line
                old = self._read()
                new = {key: line for key, line in old.items() if key not in gone} | added
                if new != old:
                    self._write(new)
                    self._known = new
        except OSError as error:
            raise OriginsError(f"{self._path}: cannot be written: {error.strerror}; the goldens themselves are") from None

    def _read(self) -> dict[str, _Line]:
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise OriginsError(f"{self._path}: cannot be read: {error.strerror}") from None
        return self._parsed(data)

    def _parsed(self, data: bytes) -> dict[str, _Line]:
        if len(data) > MAX_BYTES:
            self._fail(f"is larger than {MAX_BYTES >> 20} MiB")
        try:
            value = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
        except (ValueError, RecursionError) as error:
            self._fail(f"is not JSON: {error}")
        goldens = value.get("goldens") if isinstance(value, dict) and value.keys() == {"format", "goldens"} and value["format"] == FORMAT else None
        if not isinstance(goldens, dict) or isinstance(value["format"], bool):
            self._fail(f"is no index of format {FORMAT}")
        return {key: self._line(key, item) for key, item in goldens.items()}

    def _line(self, key: str, item: object) -> _Line:
        if not isinstance(item, dict) or item.keys() != _KEYS or not all(isinstance(text, str) and text.isprintable() for text in item.values()):
            self._fail(f"{key!r:.80} has not exactly the texts {', '.join(sorted(_KEYS))}")
        if not _DIGEST.match(item["sha256"]):
            self._fail(f"{key!r:.80}: sha256 is not {_SHORT} hexadecimal digits")
        return _Line(item["sha256"], Origin(item["artifact"], item["version"]))

    def _write(self, lines: Mapping[str, _Line]) -> None:
        rows = (
            f"  {json.dumps(key)}: {json.dumps({'sha256': line.sha256, 'artifact': line.origin.artifact, 'version': line.origin.version})}"
            for key, line in sorted(lines.items())
        )
        if lines:
            whole.write(self._path, ('{"format": 1, "goldens": {\n' + ",\n".join(rows) + "\n}}\n").encode())
        else:
            self._path.unlink(missing_ok=True)

    def _fail(self, text: str) -> NoReturn:
        raise OriginsError(f"{self._path}: {text}; mend it, or remove it: goldens need no line in it")
