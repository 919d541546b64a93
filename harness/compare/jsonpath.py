"""Paths into JSON documents: ``$``, ``.name``, ``['any name']``, ``[0]``, ``[-1]``, ``[*]``. No filters, no recursion, no expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SEGMENT: Final = re.compile(
    r"""\.(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<index>-?\d{1,9})\]|\[(?P<all>\*)\]|\['(?P<single>[^']*)'\]|\["(?P<double>[^"]*)"\]"""
)
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_SEGMENTS: Final = 32


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path; None among the parts stands for ``[*]``."""

    source: str
    parts: tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a path selects: exact path and value of each hit, and the exact paths that ended in nothing."""

    path: JsonPath
    found: tuple[tuple[str, object], ...]
    missing: tuple[str, ...]


def parse_path(source: str) -> JsonPath | int:
    """The path, or the offset of the first character that does not belong to one."""
    if not source.startswith("$"):
        return 0
    parts: list[str | int | None] = []
    end = 1
    while end < len(source):
        match = _SEGMENT.match(source, end)
        if match is None or len(parts) == _SEGMENTS:
            return end
        end = match.end()
        if match["index"] is not None:
            parts.append(int(match["index"]))
        elif match["all"]:
            parts.append(None)
        else:
            parts.append(next(match[group] for group in ("name", "single", "double") if match[group] is not None))
    return JsonPath(source, tuple(parts))


def extend(path: str, part: str | int) -> str:
    """The exact path of a member or an item."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    return f"{path}.{part}" if _PLAIN.match(part) else f"{path}['{part}']"


def select(document: object, path: JsonPath) -> Selection:
    """Every value that a path leads to. ``[*]`` over an empty list selects nothing, which is neither found nor missing."""
    found: list[tuple[str, object]] = [("$", document)]
    missing: list[str] = []
    for part in path.parts:
        reached: list[tuple[str, object]] = []
        step = "" if part is None else extend("", part)
        for place, value in found:
            if part is None:
                items = value if isinstance(value, list) else None
                if items is None:
                    missing.append(f"{place}[*]")
                else:
                    reached.extend((f"{place}[{index}]", item) for index, item in enumerate(items))
            elif isinstance(part, int) and isinstance(value, list) and -len(value) <= part < len(value):
                reached.append((extend(place, part % len(value)), value[part]))
            elif isinstance(part, str) and isinstance(value, dict) and part in value:
                reached.append((place + step, value[part]))
            else:
                missing.append(extend(place, part))
        found = reached
    return Selection(path, tuple(found), tuple(missing))


def replace_at(document: object, path: JsonPath, values: dict[str, object]) -> object:
    """A copy of the document with the values at exact paths replaced; only the spine of the path is copied."""
    return _replaced(document, "$", path.parts, values)


def _replaced(value: object, place: str, parts: tuple[str | int | None, ...], values: dict[str, object]) -> object:
    if not parts:
        return values.get(place, value)
    part, rest = parts[0], parts[1:]
    if isinstance(value, list) and not isinstance(part, str):
        wanted = range(len(value)) if part is None else [part % len(value)] if -len(value) <= part < len(value) else []
        copy = list(value)
        for index in wanted:
            copy[index] = _replaced(value[index], extend(place, index), rest, values)
        return copy
    if isinstance(value, dict) and isinstance(part, str) and part in value:
        return {**value, part: _replaced(value[part], extend(place, part), rest, values)}
    return value
