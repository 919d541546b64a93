"""``perf.json``: a record written and read by its schema, strictly in both directions.

Whatever the bytes are, reading gives a whole record or a ``RecordError``; a file that this module wrote reads back equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import jsonschema

from harness import whole
from harness.perf.errors import RecordError
from harness.perf.record import FORMAT, PerfRecord
from harness.strict_json import no_constant, unique

SCHEMA = Path(__file__).resolve().parent.parent / "schema" / "perf-2.json"
FILE_LIMIT = 64 * 1024 * 1024
T = TypeVar("T")


def encode(value: object) -> object:
    """The value as JSON has it: dataclasses become objects with their fields in order, tuples become lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], data: object) -> T:
    """The inverse of ``encode`` for a value that the schema has already accepted."""
    return _decode(kind, data)  # type: ignore[no-any-return]  # the type is walked at run time, which no checker can follow


def _decode(kind: Any, data: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: _decode(hints[field.name], data[field.name]) for field in fields(kind)})
    if get_origin(kind) is UnionType:
        return None if data is None else _decode(next(part for part in get_args(kind) if part is not NoneType), data)
    if get_origin(kind) is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in data)
    return float(data) if kind is float else data


def dumps(record: PerfRecord) -> str:
    """The file's text; refused when it would not be valid."""
    document = encode(record)
    _validate(document, "the record to be written")
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def loads(data: bytes, where: str) -> PerfRecord:
    """The record, or an error that names the place."""
    if len(data) > FILE_LIMIT:
        raise RecordError(f"{where}: larger than {FILE_LIMIT // 2**20} MiB")
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except RecursionError:
        raise RecordError(f"{where}: nested too deeply") from None
    except ValueError as error:  # of json, of the UTF-8 decoder and of the two hooks
        raise RecordError(f"{where}: not JSON: {error}") from None
    _validate(document, where)
    try:
        return decode(PerfRecord, document)
    except OverflowError:
        raise RecordError(f"{where}: holds a number that is too large") from None


def write(path: Path, record: PerfRecord) -> None:
    whole.write(path, dumps(record).encode())


def read(path: Path) -> PerfRecord:
    try:
        with path.open("rb") as stream:
            return loads(stream.read(FILE_LIMIT + 1), str(path))
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}; run the timing first") from None


@cache
def _validator(schema: Path) -> jsonschema.Draft202012Validator:
    text = json.loads(schema.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(text)
    return jsonschema.Draft202012Validator(text)


def schema_fault(document: object, schema: Path) -> str | None:
    """The first place where a document is not as the schema in that file wants it, with the reason; None when it is."""
    fault = next(iter(_validator(schema).iter_errors(document)), None)
    if fault is None:
        return None
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path).lstrip(".")
    return f"{place or 'top level'}: {fault.message[:300]}"


def _validate(document: object, where: str) -> None:
    if isinstance(document, Mapping) and document.get("format") != FORMAT:
        raise RecordError(f"{where}: format {document.get('format')!r}, only {FORMAT} is known; measure again with this version of the suite")
    if fault := schema_fault(document, SCHEMA):
        raise RecordError(f"{where}: {fault}")
