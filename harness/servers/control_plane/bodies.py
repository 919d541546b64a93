"""JSON bodies of requests, read as the original binds them: names in any case, unknown ones ignored, anything else that does not fit unusable."""

from __future__ import annotations

import json


class Unusable(ValueError):
    """The original cannot bind this body, and answers it with 500."""


def json_document(content_type: str, body: bytes) -> dict[str, object] | None:
    """The object in a body, or JSON's null."""
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Unusable("not JSON by its content type")
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise Unusable("another charset than UTF-8")
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except RecursionError as error:
        raise Unusable("nested too deeply") from error
    except ValueError as error:
        raise Unusable("not JSON in UTF-8") from error
    if document is not None and not isinstance(document, dict):
        raise Unusable("neither an object nor null")
    return document


def member(document: dict[str, object], name: str) -> object:
    """The last member with this name in any case; null when there is none."""
    value = next((value for key, value in reversed(document.items()) if key.lower() == name.lower()), None)
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Unusable("half a surrogate pair has no form on the wire") from error
    return value


def _no_constant(name: str) -> object:
    raise Unusable(f"{name} is no JSON")
