"""The recorded corpus as a file: JSON lines, of which each has one key that says what it is.

    {"corpus": {"format": 1, "typer": …, "click": …, "vectors": …}}     first
    {"text": "…"}                                                         outputs, each once; counted from 0
    {"outcome": [action, path, values, given, stdout, stderr, code]}      streams by the number of their text; counted from 0
    {"vector": [words, outcome, subject, columns, width, terminals]}      the last three are left out when they are usual

Everything is ASCII, so that words which are no UTF-8 survive. The reader refuses whatever it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cli.equivalence.vector import DEFAULT_COLUMNS, Seen, Value, Vector

FORMAT = 1
MAX_BYTES = 16 << 20
MAX_VECTORS = 100_000


class CorpusError(Exception):
    """The file is no corpus; the text names the line and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """A vector, what belongs to it, and what it is an example of."""

    vector: Vector
    seen: Seen
    subject: str


@dataclass(slots=True)
class _Table:
    """Lines that are written once and then named by their number."""

    key: str
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, value: object) -> int:
        return self.numbers.setdefault(_line(self.key, value), len(self.numbers))


def _line(key: str, value: object) -> str:
    return json.dumps({key: value}, separators=(",", ":"))


def dump(records: Iterable[Record]) -> str:
    """The file's whole text."""
    texts, outcomes, vectors = _Table("text"), _Table("outcome"), []
    for record in records:
        seen, vector = record.seen, record.vector
        streams = texts.number(seen.stdout), texts.number(seen.stderr)
        outcome = outcomes.number([seen.action, seen.path, dict(seen.values), seen.given, *streams, seen.code])
        row: list[object] = [vector.words, outcome, record.subject, vector.columns, vector.width, vector.terminals]
        usual = (DEFAULT_COLUMNS, 0, ())
        while len(row) > 3 and row[-1] == usual[len(row) - 4]:
            row.pop()
        vectors.append(_line("vector", row))
    head = _line("corpus", {"format": FORMAT, "typer": version("typer"), "click": version("click"), "vectors": len(vectors)})
    return "\n".join([head, *texts.numbers, *outcomes.numbers, *vectors]) + "\n"


def load(path: Path) -> list[Record]:
    """The records of a file; raises CorpusError with the line where it is wrong."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CorpusError(f"{path}: more than {MAX_BYTES} bytes; record fewer vectors")
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as problem:
        raise CorpusError(f"{path}: cannot be read: {problem}; record it with: python -m cli.equivalence record") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> list[Record]:
    """The records in the text of a file called `name`."""
    reader = _Reader()
    if not text.endswith("\n"):
        raise CorpusError(f"{name}: does not end with a whole line; it was cut off")
    for number, line in enumerate(text.splitlines(), 1):
        try:
            reader.take(json.loads(line))
        except (ValueError, TypeError, LookupError, RecursionError) as problem:
            raise CorpusError(f"{name}:{number}: {problem}; record it anew with: python -m cli.equivalence record") from None
    try:
        return reader.finish()
    except ValueError as problem:
        raise CorpusError(f"{name}: {problem}; record it anew with: python -m cli.equivalence record") from None


class _Reader:
    def __init__(self) -> None:
        self.expected = -1
        self.texts: list[str] = []
        self.outcomes: list[Seen] = []
        self.records: list[Record] = []
        self.used: set[int] = set()
        self.used_texts: set[int] = set()

    def take(self, line: Any) -> None:
        """One line of the file."""
        _need(isinstance(line, dict) and len(line) == 1, "a line must be an object with one key")
        ((key, value),) = line.items()
        _need((key == "corpus") is (self.expected < 0), "the line with the key corpus must come first, and once")
        if key == "corpus":
            self._head(value)
        elif key == "text":
            _need(isinstance(value, str) and not self.outcomes and not self.records, "a text must be a string and come before all outcomes")
            self.texts.append(value)
        elif key == "outcome":
            _need(not self.records, "an outcome must come before all vectors")
            self.outcomes.append(self._outcome(value))
        elif key == "vector":
            self.records.append(self._record(value))
        else:
            raise ValueError(f"unknown key {key!r}")

    def _head(self, value: Any) -> None:
        _need(isinstance(value, dict) and value.get("format") == FORMAT, f"the format must be {FORMAT}")
        _need(set(value) == {"format", "typer", "click", "vectors"}, "the head must name format, typer, click and vectors")
        self.expected = _count(value["vectors"], MAX_VECTORS)

    def _outcome(self, value: Any) -> Seen:
        _need(isinstance(value, list) and len(value) == 7, "an outcome has seven members")
        action, path, values, given, stdout, stderr, code = value
        _need(isinstance(values, dict), "values must be an object")
        pairs = tuple((name, _value(item)) for name, item in values.items())
        return Seen(_text(action), _text(path), pairs, _texts(given), self._stream(stdout), self._stream(stderr), _count(code, 255))

    def _stream(self, value: Any) -> str:
        number = _count(value, len(self.texts) - 1)
        self.used_texts.add(number)
        return self.texts[number]

    def _record(self, value: Any) -> Record:
        _need(isinstance(value, list) and 3 <= len(value) <= 6, "a vector has three to six members")
        usual: list[Any] = [DEFAULT_COLUMNS, 0, []]
        row: list[Any] = value
        words, outcome, subject, columns, width, terminals = row + usual[len(row) - 3 :]
        _need(columns is None or isinstance(columns, str), "columns must be a text or null")
        _need(isinstance(terminals, list) and set(terminals) <= {1, 2}, "terminals must be a list of 1 and 2")
        self.used.add(_count(outcome, len(self.outcomes) - 1))
        vector = Vector(_texts(words), columns, _count(width, 10_000), tuple(terminals))
        return Record(vector, self.outcomes[outcome], _text(subject))

    def finish(self) -> list[Record]:
        """All records, when the file was whole."""
        _need(len(self.records) == self.expected, f"{len(self.records)} vectors, but the first line says {self.expected}")
        _need(len({record.vector for record in self.records}) == len(self.records), "a vector stands twice")
        _need(len(self.used) == len(self.outcomes) and len(self.used_texts) == len(self.texts), "a text or outcome belongs to nothing")
        return self.records


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _text(value: Any) -> str:
    _need(isinstance(value, str), "expected a text")
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    _need(isinstance(value, list), "expected a list of texts")
    return tuple(_text(item) for item in value)


def _count(value: Any, most: int) -> int:
    _need(type(value) is int and 0 <= value <= most, f"expected a number from 0 to {most}")
    return int(value)


def _value(value: Any) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    return _texts(value) if isinstance(value, list) else _text(value)


def dump_vector(vector: Vector) -> str:
    """One line for the file of found vectors."""
    return json.dumps({"words": vector.words, "columns": vector.columns, "width": vector.width, "terminals": vector.terminals})


def load_vectors(path: Path) -> list[Vector]:
    """The file of vectors that once showed a difference: one `dump_vector` a line."""
    vectors = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        try:
            value = json.loads(line)
            _need(isinstance(value, dict) and set(value) == {"words", "columns", "width", "terminals"}, "expected words, columns, width, terminals")
            columns = value["columns"]
            terminals = tuple(_count(item, 2) for item in value["terminals"])
            vectors.append(Vector(_texts(value["words"]), None if columns is None else _text(columns), _count(value["width"], 10_000), terminals))
        except (ValueError, TypeError, RecursionError) as problem:
            raise CorpusError(f"{path}:{number}: {problem}; write it as the fuzz test prints it") from None
    return vectors
