"""One declaration per outside value, from which both its strict reader and its JSON Schema come, so that the two cannot drift.

A shape's ``read`` turns parsed JSON into a value of ours or raises ``ShapeError``, whose text ends up as ``data: $.peers[2].status: …``.
The path is collected while the error travels outwards: reading a file without mistakes costs nothing for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from harness.servers.scalars import Defs, ShapeError, Text, describe, nearest
from harness.strict_json import JsonTextError, parse

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ReadError(ValueError):
    """An outside value was refused; the message names the source, the place in it, and what is wrong."""


class Shape(Protocol[T_co]):
    """Reads one kind of value and knows its JSON Schema; ``schema`` puts what deserves a name into ``defs``."""

    def read(self, value: object) -> T_co: ...

    def schema(self, defs: Defs) -> Defs: ...


def read_value(source: str, shape: Shape[T], value: object) -> T:
    """The value that ``shape`` makes of parsed JSON; ``source`` begins every message."""
    try:
        return shape.read(value)
    except ShapeError as error:
        raise ReadError(f"{source}: {error.path()}: {error.message}") from None


def read_text(source: str, shape: Shape[T], text: bytes, limit: int) -> T:
    """The same from JSON text of at most ``limit`` bytes."""
    try:
        value = parse(text, limit)
    except JsonTextError as error:
        raise ReadError(f"{source}: {error}") from None
    return read_value(source, shape, value)


@dataclass(frozen=True, slots=True)
class Nullable(Generic[T]):
    """The shape inside, or null."""

    shape: Shape[T]

    def read(self, value: object) -> T | None:
        return None if value is None else self.shape.read(value)

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [{"type": "null"}, self.shape.schema(defs)]}


@dataclass(frozen=True, slots=True)
class Either(Generic[T]):
    """The first shape, unless the value is text and ``text`` is there for it."""

    text: Shape[T]
    other: Shape[T]

    def read(self, value: object) -> T:
        return (self.text if isinstance(value, str) else self.other).read(value)

    def schema(self, defs: Defs) -> Defs:
        return {"anyOf": [self.text.schema(defs), self.other.schema(defs)]}


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of at most ``most`` items of one shape."""

    shape: Shape[T]
    most: int

    def read(self, value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise ShapeError(f"expected a list, found {describe(value)}")
        if len(value) > self.most:
            raise ShapeError(f"{len(value)} items are more than the limit of {self.most}")
        items: list[T] = []
        read = self.shape.read
        for index, item in enumerate(value):
            try:
                items.append(read(item))
            except ShapeError as error:
                raise error.inside(index) from None
        return tuple(items)

    def schema(self, defs: Defs) -> Defs:
        return {"type": "array", "items": self.shape.schema(defs), "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """An object whose keys are free and whose values have one shape."""

    shape: Shape[T]
    most: int
    key: Text = field(default_factory=lambda: Text(limit=256))

    def read(self, value: object) -> dict[str, T]:
        if not isinstance(value, dict):
            raise ShapeError(f"expected an object, found {describe(value)}")
        if len(value) > self.most:
            raise ShapeError(f"{len(value)} keys are more than the limit of {self.most}")
        members: dict[str, T] = {}
        for name, item in value.items():
            try:
                members[self.key.read(name)] = self.shape.read(item)
            except ShapeError as error:
                raise error.inside(name) from None
        return members

    def schema(self, defs: Defs) -> Defs:
        return {
            "type": "object",
            "additionalProperties": self.shape.schema(defs),
            "maxProperties": self.most,
            "propertyNames": self.key.schema(defs),
        }


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: its shape, the builder's argument that takes it (empty: checked, then dropped), and what the schema says about it."""

    shape: Shape[object]
    argument: str
    about: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """An object with known keys only; ``build`` takes the values that are there, by argument name."""

    name: str
    about: str
    build: Callable[..., T]
    keys: Mapping[str, Key]

    def read(self, value: object) -> T:
        if not isinstance(value, dict):
            raise ShapeError(f"expected an object, found {describe(value)}")
        arguments: dict[str, object] = {}
        for name, raw in value.items():
            key = self.keys.get(name)
            if key is None:
                known = ", ".join(self.keys)
                raise ShapeError(f"unknown key {json.dumps(name)}{nearest(name, list(self.keys)) or f'; known keys are {known}'}")
            try:
                read = key.shape.read(raw)
            except ShapeError as error:
                raise error.inside(name) from None
            if key.argument:
                arguments[key.argument] = read
        for name, key in self.keys.items():
            if key.required and name not in value:
                raise ShapeError(f'the key "{name}" is missing')
        return self.build(**arguments)

    def schema(self, defs: Defs) -> Defs:
        if self.name not in defs:
            # Entered before the keys are described, so that a shape that contains itself would end here.
            entry: Defs = {"type": "object", "description": self.about}
            defs[self.name] = entry
            properties: Defs = {}
            for name, key in self.keys.items():
                described = key.shape.schema(defs)
                properties[name] = {"description": key.about, **described} if key.about else described
            entry["properties"] = properties
            required = [name for name, key in self.keys.items() if key.required]
            if required:
                entry["required"] = required
            entry["additionalProperties"] = False
        return {"$ref": f"#/$defs/{self.name}"}
