"""The interface that ``omnirelay.json`` describes, read strictly: any bytes give a value or an ``InterfaceError`` with file and place.

What is read is what a script can depend on, and the texts beside it. Members that this reader does not know are passed over, so that a file of a
later release with the same ``format`` can be compared with one of today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

from harness.strict_json import JsonTextError, parse

FORMAT = 1
FILE_LIMIT = 8 * 1024 * 1024
MOST = 10_000
KINDS = ("value", "flag", "action", "words")
ANY_TEXT = "text"
TYPES = (ANY_TEXT, "integer")
T = TypeVar("T")


class InterfaceError(Exception):
    """A file does not describe an interface; the text names file, place and what is wanted."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An option by its spellings, or the words that a verb takes (kind ``words``). ``repeated``: every occurrence counts, not only the last.

    ``completion`` is what shells offer for its value: words, the kind of names that a control plane is asked for, and whether it goes on behind a comma.
    """

    kind: str
    names: tuple[str, ...]
    default: str | bool | None
    choices: tuple[str, ...]
    texts: tuple[str, ...]
    type: str = ANY_TEXT
    repeated: bool = False
    completion: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A group or a verb. ``gear`` is what the native program needs to run a verb."""

    path: str
    kind: str
    parameters: tuple[Parameter, ...]
    texts: tuple[str, ...]
    gear: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An exit code or an environment variable, and what it means."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Interface:
    """A whole program."""

    program: str
    commands: tuple[Command, ...]
    exit_codes: tuple[Named, ...]
    environment: tuple[Named, ...]


def read(path: Path) -> Interface:
    """The interface that a file describes."""
    try:
        with path.open("rb") as stream:
            return loads(stream.read(FILE_LIMIT + 1), str(path))
    except OSError as error:
        raise InterfaceError(f"{path}: cannot be read: {error.strerror}") from None


def loads(data: bytes, where: str) -> Interface:
    try:
        document = parse(data, FILE_LIMIT)
    except JsonTextError as error:
        raise InterfaceError(f"{where}: {error}") from None
    top = _Object(where, "$", document)
    version = top.take("format", int)
    if version != FORMAT:
        top.refuse("format", f"is {version}, only {FORMAT} is known; compare with the suite of that release")
    interface = Interface(
        program=top.take("program", str),
        commands=top.objects("commands", _command),
        exit_codes=top.objects("exitCodes", lambda item: Named(str(item.take("code", int)), item.take("meaning", str))),
        environment=top.objects("environment", lambda item: Named(item.take("name", str), item.take("meaning", str))),
    )
    paths = [command.path for command in interface.commands]
    double = next((path for path in paths if paths.count(path) > 1), None)
    if double is not None:
        top.refuse("commands", f"describes {double!r} twice")
    return interface


class _Object:
    """A JSON object whose members are taken by name and type."""

    def __init__(self, file: str, place: str, value: object) -> None:
        self._file = file
        self._place = place
        if not isinstance(value, dict):
            raise InterfaceError(f"{file}: {place}: an object is wanted")
        self._members: dict[str, object] = value

    def refuse(self, name: str, why: str) -> NoReturn:
        raise InterfaceError(f"{self._file}: {self._place}.{name}: {why}")

    def take(self, name: str, kind: type[T]) -> T:
        value = self._members.get(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.refuse(name, f"{ {str: 'a text', int: 'a whole number', list: 'a list'}.get(kind, kind.__name__) } is wanted")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        items = self.take(name, list)
        if len(items) > MOST or not all(isinstance(item, str) for item in items):
            self.refuse(name, f"a list of at most {MOST} texts is wanted")
        return tuple(items)

    def texts_or_none(self, name: str) -> tuple[str, ...]:
        """None of them where the member is missing."""
        return self.texts(name) if name in self._members else ()

    def text_or(self, name: str, usual: str) -> str:
        """The usual one where the member is missing or null."""
        return usual if self._members.get(name) is None else self.take(name, str)

    def default(self) -> str | bool | None:
        value = self._members.get("default")
        if value is not None and not isinstance(value, str | bool):
            self.refuse("default", "a text, true, false or null is wanted")
        return value

    def flag(self, name: str) -> bool:
        """False where the member is missing."""
        value = self._members.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, "true or false is wanted")
        return value

    def word_or(self, name: str, known: tuple[str, ...], usual: str) -> str:
        """The usual one where the member is missing or null."""
        return usual if self._members.get(name) is None else self.word(name, known)

    def word(self, name: str, known: tuple[str, ...]) -> str:
        value = self.take(name, str)
        if value not in known:
            self.refuse(name, f"is {value!r}; one of {', '.join(known)} is wanted")
        return value

    def objects(self, name: str, build: Callable[[_Object], T]) -> tuple[T, ...]:
        items = self.take(name, list)
        if len(items) > MOST:
            self.refuse(name, f"a list of at most {MOST} objects is wanted")
        return tuple(build(_Object(self._file, f"{self._place}.{name}[{number}]", item)) for number, item in enumerate(items))


def _command(item: _Object) -> Command:
    return Command(
        path=item.take("path", str),
        kind=item.word("kind", ("group", "verb")),
        parameters=item.objects("parameters", _parameter),
        texts=(item.take("summary", str), "\n".join(item.texts("description")), item.take("usage", str)),
        gear=item.text_or("gear", ""),
    )


def _parameter(item: _Object) -> Parameter:
    names = item.texts("names")
    if not names:
        item.refuse("names", "at least one name is wanted")
    return Parameter(
        kind=item.word("kind", KINDS),
        names=names,
        default=item.default(),
        choices=item.texts("choices"),
        texts=(item.take("help", str), item.take("metavar", str)),
        # A file of a release that had texts only says nothing of types and repetition.
        type=item.word_or("type", TYPES, ANY_TEXT),
        repeated=item.flag("repeated"),
        completion=(*item.texts_or_none("offered"), item.text_or("completes", ""), "with commas" if item.flag("commas") else ""),
    )
