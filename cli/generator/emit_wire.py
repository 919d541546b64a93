"""Wire types as Python modules: a class per object, a reader with JSON paths, a writer into plain values."""

from __future__ import annotations

from typing import Any

from cli.generator.emit_python import HEADER
from cli.generator.wire_model import MODULES, Collector, Field, WireType

_ANYTHING = "anything"
_SCALARS = {"text": "str", "timestamp": "str", "boolean": "bool", "integer": "int", "number": "float", "enum": "str"}


def emit(schemas: dict[str, Any]) -> dict[str, str]:
    """File name → content."""
    files = {}
    for module, wanted in MODULES.items():
        parts: list[str] = []
        used: set[str] = set()
        done: set[str] = set()
        for name, directions in wanted.items():
            collector = Collector(schemas)
            collector.add(name)
            for wire_type in collector.types.values():
                if wire_type.name not in done:
                    parts.append(_class(wire_type))
                    parts += [_names(wire_type), _reader(wire_type, collector, used)] if "read" in directions else []
                    parts += [_writer(wire_type)] if "write" in directions else []
                    done.add(wire_type.name)
        files[module + ".py"] = _head(used) + "\n\n".join(parts)
    return files


def snake(name: str) -> str:
    """`rttMs` → `rtt_ms`, `http3Support` → `http3_support`."""
    return "".join("_" + char.lower() if char.isupper() else char for char in name).lstrip("_")


def _head(used: set[str]) -> str:
    lines = [HEADER + "from __future__ import annotations\n"]
    # Only what is needed is imported: the list of peers never holds a value of any kind.
    lines += [f"from omnirelay.wire_any import {_ANYTHING}"] if _ANYTHING in used else []
    lines.append("from omnirelay.wire_reading import " + ", ".join(sorted(used - {_ANYTHING})) + "\n" if used else "")
    lines += ["TYPE_CHECKING = False", "if TYPE_CHECKING:", "    from typing import Any\n"]
    lines.append("    from omnirelay.wire_reading import Path\n\n\n" if used else "\n")
    return "\n".join(lines)


def _optional(field: Field) -> bool:
    """Whether the value may be None."""
    return field.kind in (*_SCALARS, "any", "object") and not field.required and field.default is None


def _annotation(field: Field) -> str:
    if field.kind == "any":
        return "Any"
    simple = {"list": f"list[{field.type_name}]", "text_list": "list[str]", "text_map": "dict[str, str]"}
    text = simple.get(field.kind) or (field.type_name if field.kind == "object" else _SCALARS[field.kind])
    return text + " | None" if _optional(field) else text


def _class(wire_type: WireType) -> str:
    names = [snake(field.name) for field in wire_type.fields]
    slots = ", ".join(f'"{name}"' for name in sorted(names)) + ("," if len(names) == 1 else "")
    lines = [f"class {wire_type.name}:", f'    """The object {wire_type.name} of the API."""\n', f"    __slots__ = ({slots})\n"]
    lines.append("    def __init__(")
    lines.append("        self,")
    lines += [f"        {snake(field.name)}: {_annotation(field)}," for field in wire_type.fields]
    lines.append("    ) -> None:")
    lines += [f"        self.{name} = {name}" for name in names]
    return "\n".join(lines) + "\n"


def _names(wire_type: WireType) -> str:
    lines = [f"_{snake(wire_type.name).upper()} = {{"]
    lines += [f'    "{field.name.lower()}": "{field.name}",' for field in wire_type.fields]
    return "\n".join(lines) + "\n}\n"


def _reader(wire_type: WireType, collector: Collector, used: set[str]) -> str:
    lines = [f"def read_{snake(wire_type.name)}(value: Any, path: Path) -> {wire_type.name}:"]
    lines.append(f'    """{wire_type.name} out of decoded JSON, or WireFault."""')
    lines.append(f"    found = members(value, path, _{snake(wire_type.name).upper()})")
    used.add("members")
    for field in wire_type.fields:
        lines += _read_field(field, collector, used)
    lines.append(f"    return {wire_type.name}({', '.join('_' + snake(field.name) for field in wire_type.fields)})")
    return "\n".join(lines) + "\n"


def _read_field(field: Field, collector: Collector, used: set[str]) -> list[str]:
    name = "_" + snake(field.name)
    if field.kind == "any":
        used.add(_ANYTHING)
        return [f'    {name} = {_ANYTHING}(found.get("{field.name}"), path, "{field.name}")']
    empty = {"list": "[]", "text_list": "[]", "text_map": "{}"}.get(field.kind)
    if field.kind == "object" and collector.types[field.type_name].may_be_absent:
        empty = f"read_{snake(field.type_name)}({{}}, None)"
    if field.required and empty is None:
        used.add("required")
        return [f'    {name} = {_convert(field, f"""required(found, path, "{field.name}")""", used)}']
    if empty is None:
        empty = f'"{field.default}"' if isinstance(field.default, str) else repr(field.default)
    converted = _convert(field, "raw", used)
    return [f'    raw = found.get("{field.name}")', f"    {name} = {empty} if raw is None else {converted}"]


def _convert(field: Field, raw: str, used: set[str]) -> str:
    if field.kind == "object":
        return f'read_{snake(field.type_name)}({raw}, (path, "{field.name}"))'
    if field.kind == "list":
        used.add("items")
        each = f'read_{snake(field.type_name)}(item, ((path, "{field.name}"), at))'
        return f'[{each} for at, item in enumerate(items({raw}, path, "{field.name}"))]'
    if field.kind == "enum":
        used.add("named")
        words = ", ".join(f'"{word}"' for word in field.words)
        return f'named({raw}, path, "{field.name}", ({words}))'
    used.add(field.kind)
    return f'{field.kind}({raw}, path, "{field.name}")'


def _writer(wire_type: WireType) -> str:
    lines = [f"def plain_{snake(wire_type.name)}(value: {wire_type.name}) -> dict[str, Any]:"]
    lines += [f'    """{wire_type.name} as plain values for JSON; what is None is left out."""', "    plain: dict[str, Any] = {}"]
    for field in wire_type.fields:
        source = f"value.{snake(field.name)}"
        target = f'    plain["{field.name}"] = '
        if _optional(field):
            lines.append(f"    if {source} is not None:")
            target = "    " + target
        if field.kind == "object":
            source = f"plain_{snake(field.type_name)}({source})"
        elif field.kind == "list":
            source = f"[plain_{snake(field.type_name)}(item) for item in {source}]"
        lines.append(target + source)
    return "\n".join([*lines, "    return plain"]) + "\n"
