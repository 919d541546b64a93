"""Procedures: steps with parameters, of the file itself (called ``name``) or of an included one (called ``file.name``).

``include = ["upgrade"]`` reads ``_lib/upgrade.toml``. What an included file includes is known in that file only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

from harness.load.document import Document, shown
from harness.load.errors import ScenarioError
from harness.load.limits import INCLUDES, STEPS
from harness.load.names import Names
from harness.load.node import Node, is_word, nearest, root
from harness.load.places import bind_relative
from harness.load.shapes import LIBRARY, PROCEDURE, STEP

SUFFIX: Final = ".toml"


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure where it is written. ``known`` are those that its own steps may call."""

    name: str
    document: Document
    required: tuple[str, ...]
    defaults: Mapping[str, object]
    """Value trees; nothing but ``${sandbox}`` can be inserted into them."""
    steps: Node
    known: Known

    @property
    def identity(self) -> tuple[Path, str]:
        return self.document.path, self.name

    @property
    def parameters(self) -> tuple[str, ...]:
        return (*self.required, *self.defaults)


@dataclass(frozen=True, slots=True)
class Known:
    """What can be called at a place, by the name that it is called by, and the included files that could not be read."""

    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Reading:
    """The files that are being included, outermost first, and those that were read already."""

    library: Path
    chain: tuple[Path, ...]
    done: dict[Path, Mapping[str, Procedure]] = field(default_factory=dict)


def bind_procedures(include: Node | None, own: Node | None, library: Path) -> Known:
    """Everything that the steps of a file may call. ``library`` is the folder of what can be included."""
    node = include or own
    if node is None:
        return Known()
    return _bind(include, own, _Reading(library, (node.document.path.resolve(),)))


def check_library(path: Path, library: Path) -> None:
    """Raises ``ScenarioError`` with every mistake that can be told without a call."""
    _read(path, _Reading(library, ()))


def _bind(include: Node | None, own: Node | None, reading: _Reading) -> Known:
    found: dict[str, Procedure] = {}
    failed: set[str] = set()
    stems: set[str] = set()
    for item in _included(include):
        stem = PurePosixPath(item.value).stem if isinstance(item.value, str) else ""
        procedures = _include(item, reading)
        if procedures is None:
            failed.add(stem)
        elif stem in stems:
            item.report("H2110", f'"{stem}" is included twice', "two files of one name in different folders cannot be told apart; rename one")
        stems.add(stem)
        found.update({f"{stem}.{name}": procedure for name, procedure in (procedures or {}).items()})
    # The procedures of a file may call each other, so the dictionary that they know is filled while they are bound.
    known = Known(found, frozenset(failed))
    for name, node in ((own.free_table() if own is not None else None) or {}).items():
        procedure = _bind_procedure(name, node, known)
        if procedure is not None:
            found[name] = procedure
    return known


def _included(node: Node | None) -> list[Node]:
    items = (node.items() if node is not None else None) or []
    if len(items) > INCLUDES:
        items[INCLUDES].report("H2306", f"{len(items)} files are included; at most {INCLUDES} can be", "put procedures that belong together into one file")
        return []
    return items


def _include(item: Node, reading: _Reading) -> Mapping[str, Procedure] | None:
    relative = bind_relative(item, item.text())
    if relative is None:
        return None
    path = reading.library / f"{relative}{SUFFIX}"
    if not path.is_file():
        stems = sorted(file.relative_to(reading.library).with_suffix("").as_posix() for file in reading.library.rglob(f"*{SUFFIX}"))
        plain = relative.removeprefix(f"{reading.library.name}/").removesuffix(SUFFIX)
        meant = plain if plain in stems else nearest(relative, stems)
        hint = (
            f'did you mean "{meant}"?'
            if meant
            else f"{reading.library.name}/ holds {', '.join(stems)}"
            if stems
            else f"{reading.library.name}/ holds no .toml file"
        )
        item.report("H2404", f'there is no file "{path.relative_to(reading.library.parent).as_posix()}" to include', hint)
        return None
    # The same file may be reached by several names, through a link to a folder above it, too.
    real = path.resolve()
    if real in reading.chain:
        names = " → ".join(f'"{file.stem}"' for file in (*reading.chain[reading.chain.index(real) :], real))
        item.report("H2501", f"files include each other in a circle: {names}", "move what both need into a third file")
        return None
    if real not in reading.done:
        try:
            reading.done[real] = _read(path, reading)
        except ScenarioError as error:
            item.document.adopt(error.diagnostics, f"included from {item.position}")
            return None
    item.document.sources.append(path)
    return reading.done[real]


def _read(path: Path, reading: _Reading) -> Mapping[str, Procedure]:
    """The procedures of one file; raises ``ScenarioError`` with every mistake of it and of what it includes."""
    document = _parsed(path).reader({}, [])
    node = root(document)
    version = document.value.get("format")
    if version is not None and (version != 1 or isinstance(version, bool)):
        node.child("format", version).report("H1009", f"format {version!s:.40} is unknown", "this version of the suite reads format = 1")
        raise document.error()
    keys = node.table(LIBRARY, "an included file") or {}
    for name in ("title", "why"):
        if name in keys:
            keys[name].text()
    inner = _Reading(reading.library, (*reading.chain, path.resolve()), reading.done)
    found = _bind(keys.get("include"), keys.get("procedure"), inner)
    if document.diagnostics:
        raise document.error()
    return {name: procedure for name, procedure in found.procedures.items() if procedure.document is document}


def _parsed(path: Path) -> Document:
    try:
        facts = path.stat()
    except OSError:
        return Document.read(path)  # says why
    return _parsed_once(path, shown(path).as_posix(), facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=64)
def _parsed_once(path: Path, display: str, modified: int, size: int) -> Document:
    """A file that many scenarios include is parsed once; nobody writes into this document (``Document.reader``)."""
    return Document.read(path)


def _bind_procedure(name: str, node: Node, known: Known) -> Procedure | None:
    if node.word() is None:
        return None
    table = node.free_table()
    if table is None:
        return None
    steps = table.pop("step", None)
    if steps is None:
        node.report("H2101", f'procedure "{name}" has no "step"', f"write [[procedure.{name}.step]] above each step", at_key=True)
        return None
    if "why" in table:
        table.pop("why").text()
    required = _bind_parameters(table.pop("params", None))
    defaults = {parameter: item.value_tree(Names()) for parameter, item in table.items() if item.word() is not None}
    for parameter in required:
        if parameter in defaults:
            table[parameter].report(
                "H2308", f'"{parameter}" stands in params and has a default', "take it out of params: the default makes it optional", at_key=True
            )
    _check_steps(steps)
    return Procedure(name, node.document, tuple(item for item in required if item not in defaults), defaults, steps, known)


def _bind_parameters(node: Node | None) -> tuple[str, ...]:
    names: list[str] = []
    for item in (node.items(empty=True) if node is not None else None) or []:
        text = item.text()
        if text is None:
            continue
        if text in PROCEDURE.keys or not is_word(text):
            item.report(
                "H2109", f'"{text[:60]}" cannot be the name of a parameter', "letters, digits, '-' and '_', beginning with a letter, and no key of the table"
            )
        elif text in names:
            item.report("H2110", f'parameter "{text}" stands twice', "leave one out")
        else:
            names.append(text)
    return tuple(names)


def _check_steps(node: Node) -> None:
    """What can be told about the steps without a call: the rest depends on the arguments."""
    items: Sequence[Node] = node.items(hint="write [[procedure.NAME.step]] above each step") or ()
    if len(items) > STEPS:
        items[STEPS].report("H2306", f"{len(items)} steps; a procedure holds at most {STEPS}", "divide it")
    for number, item in enumerate(items, 1):
        item.table(STEP, f"step {number} of the procedure")
