"""The machine-readable model, `omnirelay.json`, and its JSON Schema. Readers check `format`; a change that breaks them raises it."""

from __future__ import annotations

import json
from typing import Any, get_args

from cli.declaration.facts import ENVIRONMENT, EXIT_CODES
from cli.declaration.marks import Names
from cli.generator.model import Application, Command, Option

FORMAT = 1
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def emit(application: Application) -> dict[str, str]:
    """File name → content."""
    return {"omnirelay.json": _text(document(application)), "omnirelay.schema.json": _text(schema())}


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def document(application: Application) -> dict[str, Any]:
    """The model as plain values."""
    return {
        "format": FORMAT,
        "program": application.commands[0].path,
        "parserHash": application.digest(),
        "exitCodes": [{"code": code, "meaning": meaning} for code, meaning in EXIT_CODES],
        "environment": [{"name": name, "meaning": meaning} for name, meaning in ENVIRONMENT],
        "commands": [_command(command) for command in application.commands],
    }


def _command(command: Command) -> dict[str, Any]:
    result: dict[str, Any] = {
        "path": command.path,
        "kind": "group" if command.work is None else "verb",
        "summary": command.summary,
        "description": list(command.description()),
        "usage": "".join(command.usage),
    }
    if command.work is None:
        result["commands"] = list(command.commands)
    else:
        result["gear"] = command.work.gear
    result["parameters"] = [_parameter(option) for option in command.options]
    return result


def _parameter(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "kind": option.kind,
        "names": list(option.names),
        "metavar": option.metavar,
        "help": option.help,
        "type": option.type if option.kind in ("value", "words") else None,
        "repeated": option.repeated,
        "default": None if option.kind == "action" else option.default,
        "choices": list(option.choices),
        "offered": list(option.offered),
        "completes": option.completes or None,
        "commas": option.commas,
    }


def schema() -> dict[str, Any]:
    """The schema of the document."""
    text = {"type": "string"}
    words = {"type": "array", "items": text, "uniqueItems": True}
    parameter = _object(
        {
            "name": text,
            "kind": {"enum": ["value", "flag", "action", "words"]},
            "names": {**words, "minItems": 1},
            "metavar": text,
            "type": {"enum": ["text", "integer", None]},
            "repeated": {"type": "boolean"},
            "help": {**text, "minLength": 1},
            "default": {"type": ["string", "boolean", "null"]},
            "choices": words,
            "offered": words,
            "completes": {"enum": [*get_args(Names), None]},
            "commas": {"type": "boolean"},
        }
    )
    common = {"path": text, "summary": text, "description": {"type": "array", "items": text}, "usage": text}
    listed = {"type": "array", "items": parameter}
    group = _object({**common, "kind": {"const": "group"}, "commands": {**words, "minItems": 1}, "parameters": listed})
    verb = _object({**common, "kind": {"const": "verb"}, "gear": {"enum": ["front", "core", "full"]}, "parameters": listed})
    return {
        "$schema": _DIALECT,
        "title": "The commands, options and exit codes of a command line program",
        **_object(
            {
                "format": {"const": FORMAT},
                "program": text,
                "parserHash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "exitCodes": {"type": "array", "items": _object({"code": {"type": "integer", "minimum": 0, "maximum": 255}, "meaning": text})},
                "environment": {"type": "array", "items": _object({"name": text, "meaning": text})},
                "commands": {"type": "array", "minItems": 1, "items": {"oneOf": [group, verb]}},
            }
        ),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}
