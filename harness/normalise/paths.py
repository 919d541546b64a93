"""Replacing paths: a path counts only as a whole, so that ``/tmp/work`` is not found in ``/tmp/workshop``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Replacement = tuple[str, str]
"""The path and its placeholder."""


def replace_paths(text: str, replacements: Iterable[Replacement]) -> str:
    """The text with every path replaced; where one path lies in another, the longer one wins whatever the order given."""
    present = tuple(sorted({pair for pair in replacements if pair[0] in text}, key=lambda pair: (-len(pair[0]), pair)))
    if not present:
        return text
    placeholders = dict(reversed(present))
    return _pattern(tuple(path for path, _ in present)).sub(lambda match: placeholders[match.group()], text)


@lru_cache(maxsize=128)
def _pattern(paths: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(re.escape(path) for path in paths)})(?![\w-]|\.\w)")
