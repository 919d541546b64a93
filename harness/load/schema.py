"""The JSON Schemas of scenario files and of what they include, generated from the shapes that the loader reads with.

Editors use them; the loader repeats every rule. Keywords are those of draft 4, the newest draft that the common language servers for TOML know. There is no
"id": taplo refuses a schema whose id is not an absolute address, and this one lies wherever the checkout does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Final

from harness.load.shape import Shape
from harness.load.shapes import LIBRARY, SCENARIO, step_schema

SCHEMAS: Final[Mapping[str, tuple[str, Shape]]] = {
    "scenario-1.json": ("Scenario, format 1", SCENARIO),
    "library-1.json": ("Procedures that scenarios include, format 1", LIBRARY),
}
_STEP: Final = "step"
_OF_PROCEDURE: Final = "step-of-procedure"
_PARAMETER: Final = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_.-]*\}$"}
_CONSTRAINED: Final = frozenset({"enum", "pattern", "minimum", "maximum"})


def schema_text(name: str) -> str:
    """The file called ``name`` below ``harness/schema``."""
    title, shape = SCHEMAS[name]
    step = step_schema()
    body = _referring(shape.schema(), step, _STEP)
    definitions = {_STEP: step, _OF_PROCEDURE: _with_parameters(step)}
    schema = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": title,
        "description": f"Generated from harness/load/shapes.py by python -m harness.load.schema {name}; do not edit.",
        **body,
        "definitions": {key: value for key, value in definitions.items() if f'"#/definitions/{key}"' in json.dumps(body)},
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _referring(value: object, step: object, name: str) -> dict[str, object]:
    """A schema in which the schema of a step is written down once."""
    changed = _walk(value, step, name)
    assert isinstance(changed, dict)
    return changed


def _walk(value: object, step: object, name: str) -> object:
    if value == step:
        return {"$ref": f"#/definitions/{name}"}
    if isinstance(value, Mapping):
        return {key: _walk(item, step, _OF_PROCEDURE if key == "procedure" else name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, step, name) for item in value]
    return value


def _with_parameters(schema: object, *, top: bool = True) -> object:
    """The schema of a step in a procedure: wherever a value is constrained, a parameter may stand for it."""
    if isinstance(schema, list | tuple):
        return [_with_parameters(item, top=False) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    changed: dict[str, object] = {}
    for key, item in schema.items():
        if key == "properties":
            changed[key] = {name: _with_parameters(value, top=False) for name, value in item.items()}
        elif key in ("items", "additionalProperties", "anyOf"):
            changed[key] = _with_parameters(item, top=False)
        elif key == "oneOf" and not top:  # a parameter would fit into several of them
            changed["anyOf"] = _with_parameters(item, top=False)
        else:
            changed[key] = item
    if not top and (_CONSTRAINED & changed.keys() or changed.get("type") in ("integer", "number", "boolean", "array")):
        description = {key: changed.pop(key) for key in ("description",) if key in changed}
        return {**description, "anyOf": [changed, _PARAMETER]}
    return changed


if __name__ == "__main__":
    print(schema_text(sys.argv[1]), end="")
