"""Text with ``${name}`` placeholders, parsed once at load time so that a typo never reaches a process.

``${name}`` inserts one value, ``${*name}`` splices a list as whole arguments, ``$$`` is a dollar sign.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A placeholder: dotted name, and whether it splices a list."""

    name: str
    splice: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and references in order; ``source`` is what the author wrote."""

    source: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def literal(self) -> str | None:
        """The text itself when nothing has to be inserted, else None."""
        if any(isinstance(part, Reference) for part in self.parts):
            return None
        return "".join(str(part) for part in self.parts)


Lookup = Callable[[str], object]
"""From the dotted name of a placeholder to its value; the loader has made sure that the name exists."""


def as_text(value: object) -> str:
    """How a value reads inside other text: strings as they are, everything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fill(template: Template, lookup: Lookup) -> str:
    """The text of a template with every placeholder replaced by the text of its value."""
    return "".join(part if isinstance(part, str) else as_text(fill_value(lookup(part.name), lookup)) for part in template.parts)


def fill_value(value: object, lookup: Lookup) -> object:
    """A value tree (tables, lists, scalars) with every template replaced.

    A template that is nothing but one placeholder takes the value with its type, so that ``"${case.fault}"`` may stand for a table.
    Plain strings of the tree are literal: the loader leaves a template only where something has to be inserted.
    """
    if isinstance(value, Template):
        if len(value.parts) == 1 and isinstance(value.parts[0], Reference):
            return fill_value(lookup(value.parts[0].name), lookup)
        return fill(value, lookup)
    if isinstance(value, Mapping):
        return {key: fill_value(item, lookup) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill_value(item, lookup) for item in value]
    return value


def fill_arguments(templates: Sequence[Template], lookup: Lookup) -> tuple[str, ...]:
    """The argument list of templates; ``${*name}`` becomes as many arguments as its list has elements."""
    arguments: list[str] = []
    for template in templates:
        first = template.parts[0] if len(template.parts) == 1 else None
        if isinstance(first, Reference) and first.splice:
            items = fill_value(lookup(first.name), lookup)
            arguments.extend(as_text(item) for item in (items if isinstance(items, list) else [items]))
        else:
            arguments.append(fill(template, lookup))
    return tuple(arguments)


def inserts(value: object) -> bool:
    """Whether something has to be inserted into a value tree."""
    if isinstance(value, Template):
        return True
    if isinstance(value, Mapping):
        return any(inserts(item) for item in value.values())
    return isinstance(value, list | tuple) and any(inserts(item) for item in value)
