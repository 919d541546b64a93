"""Which keys a table may hold. One declaration serves the strict reader and the JSON Schema, so that they cannot drift apart.

Schemas use keywords of draft 4 only: the common language servers for TOML know no newer ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Schema = Mapping[str, object]

IDENTIFIER: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
DURATION: Final = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$"
TERMINAL_SIZE: Final = r"^[1-9][0-9]{0,2}x[1-9][0-9]{0,2}$"

TEXT: Final[Schema] = {"type": "string"}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
TEXT_OR_TEXTS: Final[Schema] = {"oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
FLAG: Final[Schema] = {"enum": [True]}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
SPAN: Final[Schema] = {"type": "string", "pattern": DURATION}
WORD: Final = r"^[A-Za-z_][A-Za-z0-9_-]*$"
NAME: Final[Schema] = {"type": "string", "pattern": IDENTIFIER}
ANYTHING: Final[Schema] = {}
TEXT_TABLE: Final[Schema] = {"type": "object", "additionalProperties": TEXT}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: the schema of its value and the sentence that an editor shows."""

    schema: Schema
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of one kind of table; ``planned`` ones are known words that this version refuses."""

    title: str
    keys: Mapping[str, Key]
    planned: frozenset[str] = field(default_factory=frozenset)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Words that people write, and the key that they mean, where spelling alone would not lead there."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Words that belong into another file, and the sentence that says into which."""
    outer: frozenset[str] = field(default_factory=frozenset)
    """Keys of the file itself: TOML puts them into the table above when they are written below its heading."""

    def schema(self) -> Schema:
        properties = {name: {"description": key.doc, **key.schema} for name, key in self.keys.items()}
        required = sorted(name for name, key in self.keys.items() if key.required)
        return {"type": "object", "additionalProperties": False, "properties": properties, **({"required": required} if required else {})}
