"""JSON text in and out over the C parts of the standard library only, without its Python packages.

Reading is strict: UTF-8, one value, no NaN or Infinity, at most DEPTH levels, the last of duplicate names wins, a byte
order mark is skipped. A fault names line and column.
"""

from __future__ import annotations

import _json
import sys

DEPTH = 64
_SPACE = " \t\n\r"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class JsonFault(Exception):
    """The text is not the JSON that is read here; the message is a few words with line and column."""


def parse(data: bytes) -> Any:
    """The value, or JsonFault."""
    return parse_text(decoded(data))


def decoded(data: bytes) -> str:
    """The text, or JsonFault."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise JsonFault(f"byte {problem.start + 1} is not UTF-8") from None


def parse_text(text: str) -> Any:
    """The value, or JsonFault."""
    start = len(text) - len(text.lstrip(_SPACE))
    try:
        value, end = scan(text, start)
    except Exception:  # the scanner looks for json.decoder to raise its error, which need not exist: any kind may come
        raise _located(text) from None
    if end != len(text) and text[end:].strip(_SPACE):
        raise _located(text)
    if text.count("[") + text.count("{") > DEPTH and _deeper_than(value, DEPTH):
        raise _located(text)
    return value


def compact(value: Any) -> str:
    """One line without blanks; characters stay as they are except where JSON wants an escape."""
    return "".join(_ENCODE(value, 0))


def indented(value: Any) -> str:
    """Two blanks a level, with a line end."""
    parts: list[str] = []
    _indent(value, "\n", parts)
    parts.append("\n")
    return "".join(parts)


def _indent(value: Any, line: str, parts: list[str]) -> None:
    if not value or not isinstance(value, (dict, list)):
        parts.append(compact(value))
        return
    inner = line + "  "
    separator = inner
    if isinstance(value, dict):
        parts.append("{")
        for name, item in value.items():
            parts.append(separator + _json.encode_basestring(name) + ": ")
            _indent(item, inner, parts)
            separator = "," + inner
        parts.append(line + "}")
        return
    parts.append("[")
    for item in value:
        parts.append(separator)
        _indent(item, inner, parts)
        separator = "," + inner
    parts.append(line + "]")


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        inner: list[Any] = []
        for item in level:
            if type(item) is dict:
                inner.extend(item.values())
            elif type(item) is list:
                inner.extend(item)
        if not inner:
            return False
        level = inner
    kinds = {type(item) for item in level}
    return dict in kinds or list in kinds


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _located(text: str) -> JsonFault:
    from omnirelay.json_fault import locate

    return JsonFault(locate(text, DEPTH))


def _refuse_value(value: Any) -> Any:
    raise TypeError(type(value).__name__)


# The scanner takes any object with these attributes; the type stubs only know of one. Not a class of ours, which would cost 90,000
# instructions at start: this type is there already.
_SETTINGS = type(sys.implementation)(  # type: ignore[call-arg]  # see above
    strict=True, object_hook=None, object_pairs_hook=None, parse_float=float, parse_int=int, parse_constant=_refuse_constant
)
# The value at a place of a text, and the place behind it; any exception where there is none.
scan = _json.make_scanner(_SETTINGS)  # type: ignore[arg-type]  # see above
_ENCODE = _json.make_encoder(None, _refuse_value, _json.encode_basestring, None, ":", ",", False, False, False)
