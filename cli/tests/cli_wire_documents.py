"""Documents made from the schemas of openapi.yaml, what one change does to them, and what the schema says of the result.

`jsonschema` is the oracle. What the readers do otherwise, on purpose, is spelled out here in two functions, `forgiven` and
`stricter`; docs/decisions.md gives the reasons.
"""

from __future__ import annotations

import copy
import json
import math
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema
from hypothesis import strategies as st

from cli.generator.wire_model import read_document

SCHEMAS = read_document()
INT64 = 2**63
LARGEST = sys.float_info.max
TIMES = ["2024-10-01T00:00:00Z", "2024-02-29T23:59:59.1234567+02:00", "0001-01-01T00:00:00+00:00", "2024-10-01T00:00:00.123456789Z"]
NAMES = st.text(alphabet='ab.é"', max_size=4)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
FORMATS = jsonschema.FormatChecker(formats=())
UNKNOWN: dict[str, Any] = {"description": "not declared"}
Place = tuple[str | int, ...]


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """RFC 3339 with up to nine fraction digits (D8), by the standard library."""
    if not isinstance(value, str):
        return True
    if _TIME.match(value) is None:
        return False
    datetime.fromisoformat(re.sub(r"\.\d+", "", value))
    return True


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**SCHEMAS[name], "components": {"schemas": SCHEMAS}}, format_checker=FORMATS)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference."""
    found = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    assert isinstance(found, dict)
    return found


def documents(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Documents that the schema accepts."""
    schema = resolved(schema)
    if not schema:
        return st.none() | st.booleans() | st.integers(-3, 3) | NAMES | st.just({"a": [1]})
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "oneOf" in schema:
        return st.one_of([documents(choice) for choice in schema["oneOf"]])
    kind = schema["type"]
    if kind == "object":
        return _objects(schema)
    if kind == "array":
        return st.lists(documents(schema["items"]), max_size=2)
    if kind == "string":
        return st.sampled_from(TIMES) if schema.get("format") == "date-time" else NAMES
    low = schema.get("minimum")
    if kind == "integer":
        return st.integers(-INT64 if low is None else low, schema.get("maximum", INT64 - 1))
    return st.booleans() if kind == "boolean" else st.floats(low, 1e300, allow_nan=False) | st.integers(low, 10**6)


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        return st.dictionaries(NAMES, documents(schema["additionalProperties"]), max_size=2)
    members = {name: documents(member) for name, member in schema["properties"].items()}
    needed = {name: members[name] for name in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional={name: made for name, made in members.items() if name not in needed})


VALUES: list[Any] = [
    None, True, False, 0, 1, 3, 4, 99, -1, 1.0, 1.5, 2**63, -(2**63) - 1, 10**400, math.inf, {"a.b": [-math.inf]}, [], {}, [None], [1], ["x"], {"x": 1},
    {"x": "y"}, [{}], "", "x", "ALIVE", "running", "inproc", "2024-02-30T00:00:00Z", "2024-10-01 00:00:00Z", "2024-10-01T24:00:00Z",
]  # fmt: skip
OTHER = st.sampled_from(VALUES)


def full(schema: dict[str, Any]) -> Any:
    """The document with every member and one item in every list."""
    schema = resolved(schema)
    if not schema:
        return {"any": [1]}
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "oneOf" in schema:
        return full(schema["oneOf"][-1])
    if schema["type"] == "array":
        return [full(schema["items"])]
    if schema["type"] == "object":
        extra = schema.get("additionalProperties")
        return {name: full(member) for name, member in schema.get("properties", {"a": extra}).items()}
    return {"string": TIMES[1] if schema.get("format") == "date-time" else "x", "integer": 7, "number": 1.5, "boolean": True}[schema["type"]]


def every_change(name: str) -> Iterator[tuple[Place, Any]]:
    """Each place of the full document with each of VALUES in it, and without it; what several members share is changed in one of them."""
    whole = full(SCHEMAS[name])
    seen: set[tuple[int, str]] = set()
    for place in list(places(whole)):
        key = (id(schema_at(name, place)), str(place[-1:]))
        if key in seen:
            continue
        seen.add(key)
        for value in VALUES:
            yield place, replaced(whole, place, value)
        if place:
            yield place, replaced(whole, place, _NOTHING)


_NOTHING = object()


def replaced(document: Any, place: Place, value: Any) -> Any:
    """A copy with another value at one place."""
    if not place:
        return value
    inner = copy.copy(document)
    if len(place) == 1 and value is _NOTHING:
        del inner[place[0]]
    else:
        inner[place[0]] = replaced(document[place[0]], place[1:], value)
    return inner


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a document."""
    yield place
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in rows:
        yield from places(inner, (*place, step))


@st.composite
def changed(draw: st.DrawFn, name: str) -> Any:
    """A document that the schema accepts, with one change in it."""
    document = copy.deepcopy(draw(documents(SCHEMAS[name])))
    place = draw(st.sampled_from(list(places(document))))
    if not place:
        return draw(OTHER)
    holder = document
    for step in place[:-1]:
        holder = holder[step]
    step = place[-1]
    how = draw(st.sampled_from(["replace", "replace", "remove", "case", "unknown"]))
    if how == "remove":
        del holder[step]
    elif how == "case" and isinstance(step, str) and step.swapcase() not in holder:
        holder[step.swapcase()] = holder.pop(step)
    elif how == "unknown" and isinstance(holder, dict):
        holder["unknown member"] = draw(OTHER)
    else:
        holder[step] = draw(OTHER)
    return document


def shown(place: Place) -> str:
    """A place as the readers write it."""
    parts = ["$"]
    for step in place:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append("." + step if re.fullmatch(r"[A-Za-z_]\w*", step, re.ASCII) else f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts)


def refused(name: str, document: Any) -> set[str]:
    """The places that the schema refuses and the readers do not forgive."""
    found: set[str] = set()
    for error in validator(name).iter_errors(document):
        place = tuple(error.absolute_path)
        if error.validator == "required":
            missing = [member for member in error.validator_value if member not in error.instance]
            found.update(shown((*place, member)) for member in missing if not _forgiven_absence(name, place, member, error.instance))
        elif not forgiven(name, place, error):
            found.add(shown(place))
    return found


def forgiven(name: str, place: Place, error: jsonschema.ValidationError) -> bool:
    """What the readers take although the schema does not."""
    value, schema = error.instance, schema_at(name, place)
    if value is None and place and isinstance(place[-1], str):
        holder = schema_at(name, place[:-1])
        return "properties" in holder and (place[-1] not in holder.get("required", ()) or _is_collection(schema))
    if error.validator in ("const", "minimum"):
        return error.validator == "minimum" or isinstance(value, type(schema.get("const")))
    words = words_of(schema)
    if isinstance(value, str):
        return value.lower() in [word.lower() for word in words]
    return type(value) is int and 0 <= value < len(words)


def _forgiven_absence(name: str, place: Place, member: str, holder: dict[str, Any]) -> bool:
    return _is_collection(schema_at(name, (*place, member))) or member.lower() in [key.lower() for key in holder]


def _is_collection(schema: dict[str, Any]) -> bool:
    """Lists, maps, and objects of nothing but lists have an empty form."""
    if schema.get("type") == "object" and "properties" in schema:
        return all(resolved(member).get("type") == "array" for member in schema["properties"].values())
    return schema.get("type") in ("array", "object")


def words_of(schema: dict[str, Any]) -> list[str]:
    for choice in (schema, *schema.get("oneOf", ())):
        if "enum" in choice:
            return list(choice["enum"])
    return []


def schema_at(name: str, place: Place) -> dict[str, Any]:
    """The schema of a place: empty where any value may stand, UNKNOWN where nothing is declared."""
    schema = SCHEMAS[name]
    for step in place:
        if not schema or schema is UNKNOWN:
            return schema  # within a value of any type, or within a member that nobody declared
        if isinstance(step, int):
            schema = resolved(schema.get("items", UNKNOWN))
        else:
            schema = resolved(schema.get("properties", {}).get(step, schema.get("additionalProperties", UNKNOWN)))
    return schema


def stricter(name: str, document: Any) -> set[str]:
    """The places that the readers refuse although the schema does not: integers written as fractions, and numbers that no machine holds."""
    found = set()
    for place in places(document):
        value: Any = document
        for step in place:
            value = value[step]
        schema = schema_at(name, place)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        takes_integer = schema.get("type") == "integer" or any(choice.get("type") == "integer" for choice in schema.get("oneOf", ()))
        if takes_integer and (isinstance(value, float) or not -INT64 <= value < INT64):
            found.add(shown(place))
        if schema.get("type") == "number" and abs(value) > LARGEST:
            found.add(shown(place))
        if not schema and isinstance(value, float) and abs(value) > LARGEST:
            found.add(shown(place))
    return found
