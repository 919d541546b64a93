"""What the generated readers of wire types share: typed access to decoded JSON, with the JSON path in every fault.

A path is a linked tuple `(outer path, name or index)` and becomes text only when something is wrong: `$.peers[3].rttMs`, and
`$.labels["a.b"]` where a name would be taken for something else. Names are matched ignoring case when the exact name is
not there; unknown names are ignored.
"""

from __future__ import annotations

from omnirelay.render.safe_text import shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[Any, Any] | None

_INT64 = 1 << 63


class WireFault(Exception):
    """The document is JSON, but not the document that the contract describes; the message starts with the path."""


def fault(path: Path, text: str) -> WireFault:
    """A fault at `path`."""
    steps = []
    while path is not None:
        path, step = path
        if type(step) is int:
            steps.append("[" + str(step) + "]")
        elif step.isidentifier() and step.isascii():
            steps.append("." + step)
        else:
            steps.append('["' + step.replace('"', '\\"') + '"]')
    steps.append("$")
    steps.reverse()
    return WireFault("".join(steps) + ": " + text)


def kind_of(value: Any) -> str:
    """The JSON word for a decoded value."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "a boolean"
    if type(value) is str:
        return "a string"
    if type(value) is dict:
        return "an object"
    return "an array" if type(value) is list else "a number"


def members(value: Any, path: Path, names: dict[str, str]) -> dict[str, Any]:
    """The members of an object by their proper names; `names` maps lower-case to proper names."""
    if type(value) is not dict:
        raise fault(path, "expected an object, found " + kind_of(value))
    for name in value:
        if names.get(name.lower()) != name:
            break
    else:
        return value
    proper: dict[str, Any] = {}
    for name, item in value.items():
        known = names.get(name.lower())
        if known is not None and (known == name or known not in value):
            proper[known] = item
    return proper


def required(found: dict[str, Any], path: Path, name: str) -> Any:
    """A member that must be there and not null."""
    value = found.get(name)
    if value is None:
        raise fault((path, name), "must not be null" if name in found else "missing")
    return value


def text(value: Any, path: Path, name: str | int) -> str:
    if type(value) is str:
        return value
    raise fault((path, name), "expected a string, found " + kind_of(value))


def timestamp(value: Any, path: Path, name: str | int) -> str:
    from omnirelay.timestamps import is_valid

    if type(value) is str and is_valid(value):
        return value
    shown = '"' + shortened(value, 60) + '"' if type(value) is str else kind_of(value)
    raise fault((path, name), "expected a timestamp such as 2025-01-02T03:04:05Z, found " + shown)


def boolean(value: Any, path: Path, name: str | int) -> bool:
    if value is True or value is False:
        return bool(value)
    raise fault((path, name), "expected true or false, found " + kind_of(value))


def integer(value: Any, path: Path, name: str | int) -> int:
    if type(value) is not int:
        raise fault((path, name), "expected an integer, found " + kind_of(value))
    if not -_INT64 <= value < _INT64:
        raise fault((path, name), "does not fit into 64 bits")
    return value


def number(value: Any, path: Path, name: str | int) -> float | int:
    if type(value) is not float and type(value) is not int:
        raise fault((path, name), "expected a number, found " + kind_of(value))
    if not -1.7976931348623157e308 <= value <= 1.7976931348623157e308:
        raise fault((path, name), "is out of range")
    return value


def named(value: Any, path: Path, name: str | int, words: tuple[str, ...]) -> str:
    """An enumeration by its name in any case or by its number."""
    if type(value) is str:
        if value in words:
            return value
        folded = value.lower()
        for word in words:
            if word.lower() == folded:
                return word
        shown = '"' + shortened(value, 60) + '"'
    elif type(value) is int:
        if 0 <= value < len(words):
            return words[value]
        shown = str(value) if -_INT64 <= value < _INT64 else "number"
    else:
        raise fault((path, name), "expected a name or an integer, found " + kind_of(value))
    raise fault((path, name), "unknown value " + shown + "; expected " + ", ".join(words))


def items(value: Any, path: Path, name: str | int) -> list[Any]:
    if type(value) is list:
        return value
    raise fault((path, name), "expected an array, found " + kind_of(value))


def text_list(value: Any, path: Path, name: str) -> list[str]:
    found = items(value, path, name)
    for index, item in enumerate(found):
        if type(item) is not str:
            raise fault(((path, name), index), "expected a string, found " + kind_of(item))
    return found


def text_map(value: Any, path: Path, name: str) -> dict[str, str]:
    if type(value) is not dict:
        raise fault((path, name), "expected an object, found " + kind_of(value))
    for key, item in value.items():
        if type(item) is not str:
            raise fault(((path, name), shortened(key, 60)), "expected a string, found " + kind_of(item))
    return value
