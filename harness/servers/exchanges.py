"""Recorded traffic as JSON and back; read strictly, because it also comes out of files that others have made."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Final

from harness.model.traffic import Ending, Exchange, Piece

_KEYS: Final = frozenset({"method", "target", "headers", "body", "pieces", "ending", "cut"})
_CHANGED: Final = "changed"
"""Only there when it is true."""
_LONGEST: Final = 24 * 3600.0


class TrafficError(ValueError):
    """This is no exchange; the text says what is wrong with it."""


def exchange_to_json(exchange: Exchange) -> dict[str, object]:
    return {
        "method": exchange.method,
        "target": exchange.target,
        "headers": [list(pair) for pair in exchange.headers],
        "body": base64.b64encode(exchange.body).decode("ascii"),
        "pieces": [[piece.after, base64.b64encode(piece.data).decode("ascii")] for piece in exchange.pieces],
        "ending": exchange.ending.value,
        "cut": exchange.cut,
        **({_CHANGED: True} if exchange.changed else {}),
    }


def exchange_from_json(value: object) -> Exchange:
    """The inverse of ``exchange_to_json``; a ``TrafficError`` for everything else."""
    if not isinstance(value, dict) or value.keys() - {_CHANGED} != _KEYS or value.get(_CHANGED, True) is not True:
        raise TrafficError(f"an exchange has exactly the keys {', '.join(sorted(_KEYS))}, and {_CHANGED} = true if it changed something")
    method, target, headers, pieces, cut = (value[key] for key in ("method", "target", "headers", "pieces", "cut"))
    if not isinstance(method, str) or not isinstance(target, str) or not isinstance(cut, bool):
        raise TrafficError("method and target are texts, cut is true or false")
    if not isinstance(headers, list) or not all(_is_pair(pair) and all(isinstance(text, str) for text in pair) for pair in headers):
        raise TrafficError("headers is a list of pairs of texts")
    if not isinstance(pieces, list) or not all(_is_pair(pair) for pair in pieces):
        raise TrafficError("pieces is a list of pairs")
    try:
        ending = Ending(value["ending"])
    except ValueError:
        raise TrafficError(f"{value['ending']!r:.40} is no way for a connection to end") from None
    return Exchange(
        method,
        target,
        tuple((pair[0], pair[1]) for pair in headers),
        _bytes(value["body"]),
        tuple(Piece(_seconds(a), _bytes(b)) for a, b in pieces),
        ending,
        cut,
        _CHANGED in value,
    )


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or not 0 <= value <= _LONGEST:
        raise TrafficError("a piece begins with the seconds after the request")
    return float(value)


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise TrafficError("bytes are given as base64 text")
    try:
        return base64.b64decode(value.encode("utf-8", "surrogatepass"), validate=True)
    except (binascii.Error, ValueError):
        raise TrafficError("bytes are given as base64 text") from None
