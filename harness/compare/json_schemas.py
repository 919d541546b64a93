"""What ``jsonschema`` knows of a schema and of values under it. Apart from its caller, because it is loaded only by who has a schema to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

__all__ = ["Unresolvable", "deviations", "fault", "leads_somewhere"]


def fault(tree: dict[str, Any]) -> str:
    """Why the tree is no JSON Schema; empty when it is one."""
    address = tree.get("$schema", "")
    if not isinstance(address, str):
        return '"$schema" is not the address of a meta-schema'
    if address and validator_for(tree, default=None) is None:  # type: ignore[arg-type]  # the type leaves out that None comes back as it is
        return f'the meta-schema "{address[:80]}" is not known here'
    try:
        _validator(tree).check_schema(tree)
    except SchemaError as error:
        return f"{error.message[:160]} at {error.json_path}"
    return ""


def leads_somewhere(tree: dict[str, Any], reference: str) -> bool:
    """Only following a reference shows it."""
    try:
        Registry().with_resource("", Resource.from_contents(tree, default_specification=DRAFT202012)).resolver().lookup(reference)
    except Unresolvable:
        return False
    return True


def deviations(tree: dict[str, Any], value: Any) -> Iterator[ValidationError]:
    """What the schema does not allow. With a registry of its own: the default one would fetch what a reference names."""
    kind = _validator(tree)
    yield from kind(tree, registry=Registry(), format_checker=kind.FORMAT_CHECKER).iter_errors(value)


def _validator(tree: dict[str, Any]) -> type[Validator]:
    """Of the draft that the schema names; of the latest one when it names none."""
    return validator_for(tree, default=Draft202012Validator)
