"""The list of a program's error texts: read strictly, and found in what a program printed. ``{}`` stands for what varies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.coverage.errors import CoverageError
from harness.strict_json import JsonTextError, parse

FORMAT: Final = 1
HOLE: Final = "{}"
_LIMIT: Final = 4 * 1024 * 1024
_MOST: Final = 10_000
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class ErrorText:
    """A text, and the source file that has it."""

    text: str
    source: str
    pattern: re.Pattern[str]


def read(path: Path) -> tuple[ErrorText, ...]:
    try:
        with path.open("rb") as file:
            return loads(file.read(_LIMIT + 1), str(path))
    except OSError as error:
        raise CoverageError(f"{path}: cannot be read: {error.strerror}") from None


def loads(data: bytes, where: str) -> tuple[ErrorText, ...]:
    try:
        document = parse(data, _LIMIT)
    except JsonTextError as error:
        raise CoverageError(f"{where}: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT or isinstance(document.get("format"), bool):
        raise CoverageError(f"{where}: is no list of error texts of format {FORMAT}")
    texts = document.get("texts")
    if not isinstance(texts, list) or len(texts) > _MOST:
        raise CoverageError(f"{where}: $.texts: a list of at most {_MOST} objects is wanted")
    found = tuple(_text(item, f"{where}: $.texts[{number}]") for number, item in enumerate(texts))
    if len({item.text for item in found}) != len(found):
        raise CoverageError(f"{where}: $.texts: holds a text twice")
    return found


def _text(item: object, where: str) -> ErrorText:
    text = item.get("text") if isinstance(item, dict) else None
    source = item.get("source") if isinstance(item, dict) else None
    if not isinstance(text, str) or not isinstance(source, str) or not 0 < len(text) <= _LONGEST or not text.replace(HOLE, "").strip():
        raise CoverageError(f"{where}: an object with a text of at most {_LONGEST} characters and its source is wanted")
    return ErrorText(text, source, re.compile(".*".join(re.escape(part) for part in text.split(HOLE))))


def seen(texts: Sequence[ErrorText], printed: Sequence[str]) -> frozenset[str]:
    """The texts that occur somewhere in what was printed."""
    return frozenset(item.text for item in texts if any(_first(item) in text and item.pattern.search(text) for text in printed))


def _first(item: ErrorText) -> str:
    """The longest part that does not vary: looked for before the pattern is."""
    return max(item.text.split(HOLE), key=len)
