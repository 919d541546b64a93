"""Wire types: which schemas of openapi.yaml are shipped, in which module, and what the document leaves open.

The document gives names, types, enumerations and what is required. The profile below adds what only the contract's text
says: defaults of absent members, and the order of members in our output.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from cli.generator.model import BuildError

DOCUMENT = Path(__file__).with_name("openapi.yaml")

FieldKind = Literal["text", "timestamp", "boolean", "integer", "number", "enum", "object", "list", "text_list", "text_map", "any"]

# Module → schemas, and whether they are read, written or both.
MODULES: dict[str, dict[str, frozenset[str]]] = {
    "wire_peers": {"PeersResponse": frozenset({"read", "write"})},
    "wire_upgrade": {
        "NodeDrainSnapshot": frozenset({"read", "write"}),
        "NodeDrainCommand": frozenset({"write"}),
    },
    "wire_introspect": {"DispatcherIntrospection": frozenset({"read", "write"})},
    # A module for each verb, although two of them hold shards: what a verb does not read costs its start nothing.
    "wire_shard_list": {"ShardListResponse": frozenset({"read", "write"})},
    "wire_shard_diff": {"ShardDiffResponse": frozenset({"read", "write"})},
    "wire_shard_simulation": {
        "ShardSimulationResponse": frozenset({"read", "write"}),
        "ShardSimulationRequest": frozenset({"write"}),
    },
}

# cli 8 and 11: what absent members are read as.
DEFAULTS: dict[str, dict[str, str]] = {
    "PeerMetadata": {"nodeId": "", "role": "", "clusterId": "", "region": "", "meshVersion": ""},
    "DispatcherIntrospection": {"mode": "InProc"},
    "Components": {"name": "", "componentType": ""},
    "Outbounds": {"service": ""},
}

# cli 8 and 11: the order of members in our output, where it is not the document's.
ORDER: dict[str, tuple[str, ...]] = {
    "PeerMetadata": (
        "nodeId", "role", "clusterId", "region", "meshVersion", "http3Support", "metadataVersion", "labels", "endpoint",
    ),
    "DispatcherIntrospection": (
        "service", "status", "procedures", "components", "outbounds", "middleware", "mode", "capabilities",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One member. `type_name` is the type of an object or of a list's items; `default` a literal's value."""

    name: str
    kind: FieldKind
    required: bool
    type_name: str = ""
    words: tuple[str, ...] = ()
    default: str | bool | int | None = None


@dataclass(frozen=True, slots=True)
class WireType:
    """An object of the wire. `may_be_absent` when all of its members have an empty form."""

    name: str
    fields: tuple[Field, ...]

    @property
    def may_be_absent(self) -> bool:
        return all(field.kind in ("list", "text_list", "text_map") for field in self.fields)


def read_document(path: Path = DOCUMENT) -> dict[str, Any]:
    """The schemas of the document."""
    try:
        loaded = yaml.safe_load(path.read_bytes())
    except OSError as problem:
        raise BuildError(f"{path}: cannot be read: {problem.strerror}") from None
    except yaml.MarkedYAMLError as problem:
        line = f":{problem.problem_mark.line + 1}" if problem.problem_mark is not None else ""
        raise BuildError(f"{path}{line}: no YAML: {problem.problem}; correct it") from None
    # What else is wrong with the bytes: no UTF-8, a character that YAML does not know, a date that there is not, collections in each other without end.
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise BuildError(f"{path}: no YAML: {' '.join(str(problem).split())}; correct it") from None
    schemas = loaded
    for name in ("components", "schemas"):
        schemas = schemas.get(name) if isinstance(schemas, dict) else None
    if not isinstance(schemas, dict):
        raise BuildError(f"{path}: components.schemas is not a mapping; the types of the wire stand there")
    return schemas


class Collector:
    """Collects a schema and all that it refers to, inner types first."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas
        self.types: dict[str, WireType] = {}

    def add(self, name: str, schema: dict[str, Any] | None = None) -> None:
        """Adds the schema `name`, or an inline one under that name."""
        if name in self.types:
            return
        found = self._schema(name, "cli/generator/wire_model.py") if schema is None else schema
        needed = frozenset(found.get("required", ()))
        members = found.get("properties", {})
        fields = [self._field(name, member, body, member in needed) for member, body in members.items()]
        order = ORDER.get(name)
        if order is not None:
            if sorted(order) != sorted(members):
                raise BuildError(f"{DOCUMENT.name}: {name}: the order in wire_model.ORDER names other members")
            fields.sort(key=lambda field: order.index(field.name))
        self.types[name] = WireType(name, tuple(fields))

    def _field(self, owner: str, name: str, schema: dict[str, Any], required: bool) -> Field:
        target = self._target(schema, f"{owner}.{name}")
        default = DEFAULTS.get(owner, {}).get(name, target.get("default"))
        words = _words(target)
        if words:
            return Field(name, "enum", required, words=words, default=default)
        kind = _single_type(target)
        if kind == "string":
            is_time = target.get("format") == "date-time"
            return Field(name, "timestamp" if is_time else "text", required, default=default)
        if kind in ("boolean", "integer", "number"):
            return Field(name, kind, required, default=default)
        if kind == "array":
            return self._list(owner, name, target, required)
        if kind == "object" and "properties" in target:
            return Field(name, "object", required, self._named(name, owner, schema, target))
        others = target.get("additionalProperties")
        if kind == "object" and isinstance(others, dict) and others.get("type") == "string":
            return Field(name, "text_map", required)
        if not target:
            return Field(name, "any", required)
        raise BuildError(f"{DOCUMENT.name}: {owner}.{name}: no reader for this schema; extend cli/generator/wire_model.py")

    def _list(self, owner: str, name: str, schema: dict[str, Any], required: bool) -> Field:
        items = self._target(schema.get("items"), f"{owner}.{name}")
        if _single_type(items) == "string":
            return Field(name, "text_list", required)
        return Field(name, "list", required, self._named(name, name, schema["items"], items))

    def _named(self, name: str, owner: str, schema: dict[str, Any], target: dict[str, Any]) -> str:
        """The type name of an object: its schema's, or for an inline one the member's."""
        reference = schema.get("$ref")
        if reference is not None:
            type_name = str(reference).rpartition("/")[2]
            self.add(type_name)
            return type_name
        type_name = name[0].upper() + name[1:]
        if type_name in self._schemas or type_name in self.types:
            type_name = owner + type_name
        self.add(type_name, target)
        return type_name

    def _target(self, schema: Any, place: str) -> dict[str, Any]:
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        found = schema if reference is None else self._schema(str(reference).rpartition("/")[2], place)
        if not isinstance(found, dict):
            raise BuildError(f"{DOCUMENT.name}: {place}: {found!r} is not a schema; write a mapping")
        return found

    def _schema(self, name: str, asked: str) -> Any:
        if name not in self._schemas:
            raise BuildError(f"{DOCUMENT.name}: {asked} refers to {name!r}, which is not there; add it below components.schemas, or correct the name")
        return self._schemas[name]


def _words(schema: dict[str, Any]) -> tuple[str, ...]:
    """The names of an enumeration, in the order of their numbers."""
    for candidate in (schema, *schema.get("oneOf", ())):
        if "enum" in candidate:
            return tuple(str(word) for word in candidate["enum"])
    return ()


def _single_type(schema: dict[str, Any]) -> Any:
    """The type, without null."""
    found = schema.get("type")
    if isinstance(found, list):
        others = [name for name in found if name != "null"]
        return others[0] if len(others) == 1 else None
    return found
