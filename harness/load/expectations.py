"""What must hold after a step, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.compare.exits import exit_values
from harness.compare.jsonpath import parse_path
from harness.compare.kinds.registry import KINDS
from harness.compare.patterns import bind_pattern
from harness.load.names import Names
from harness.load.node import Node
from harness.load.places import bind_relative
from harness.load.shapes import CAPTURE, FILES, SCREEN, STREAM
from harness.model.step import Assertion, Capture, ExitExpectation, FilesExpectation, StreamExpectation
from harness.model.template import Template

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
_EXIT_HINT: Final = 'a number from 0 to 255, a list of them, or "signal:TERM"'


def bind_environment(node: Node | None, names: Names) -> Mapping[str, Template]:
    bound: dict[str, Template] = {}
    for name, item in ((node.free_table() if node is not None else None) or {}).items():
        template = item.template(names)
        if not _VARIABLE.match(name):
            item.report("H2109", f'"{name[:60]}" cannot be the name of a variable', "letters, digits and '_'", at_key=True)
        elif template is not None:
            bound[name] = template
    return bound


def bind_exit(node: Node | None, names: Names) -> ExitExpectation:
    if node is None:
        return ExitExpectation()
    try:
        if isinstance(node.value, str) and "$" in node.value:
            return _bind_exit_column(node, names)
        codes, signals = exit_values(node.value)
    except ValueError as error:
        node.report("H2103", str(error), _EXIT_HINT)
        return ExitExpectation()
    return ExitExpectation(codes, signals)


def _bind_exit_column(node: Node, names: Names) -> ExitExpectation:
    template = node.value_tree(names)
    if not isinstance(template, Template):
        return ExitExpectation()
    values = names.values_of(template)
    if not values:
        raise ValueError('"exit" can only be a placeholder for one case column')
    for value in values:
        exit_values(value)
    return ExitExpectation(column=template)


def bind_stream(node: Node | None, stream: str, names: Names) -> StreamExpectation:
    keys = node.table(SCREEN if stream == "screen" else STREAM, stream) if node is not None else None
    if node is None or keys is None:
        return StreamExpectation(stream)
    if not keys:
        if not node.value:
            node.report("H2108", f"{stream} asserts nothing", "leave it out: then the stream must be empty", at_key=True)
        return StreamExpectation(stream)
    ignore = keys.pop("ignore").text() if "ignore" in keys else None
    bound = {kind.name: kind.bind(keys[kind.name], names) for kind in KINDS if kind.name in keys}
    assertions: tuple[Assertion, ...] = tuple(item for item in bound.values() if item is not None)
    if ignore is not None and keys:
        node.child("ignore", ignore).report("H2307", f"{stream} is both ignored and checked", f"remove ignore, or {', '.join(keys)}", at_key=True)
    if sum(kind.golden(bound[kind.name]) for kind in KINDS if bound.get(kind.name) is not None) > 1:
        node.report("H2308", f"{stream} has two snapshots, but there is one golden for a step and stream", "keep snapshot or json.snapshot", at_key=True)
    return StreamExpectation(stream, assertions, ignore)


def bind_files(node: Node | None) -> FilesExpectation:
    keys = node.table(FILES) if node is not None else None
    return FilesExpectation(**{name: _bind_paths(item) for name, item in (keys or {}).items()})


def _bind_paths(node: Node) -> tuple[str, ...]:
    paths = [bind_relative(item, item.text()) for item in node.items(empty=True) or ()]
    return tuple(path for path in paths if path is not None)


def bind_captures(node: Node | None, names: Names, taken: set[str]) -> tuple[Capture, ...]:
    """The captures of one step; their names are added to those taken."""
    captures: list[Capture] = []
    for name, item in ((node.free_table() if node is not None else None) or {}).items():
        keys = item.table(CAPTURE, f'capture "{name[:60]}"')
        if item.word() is None or keys is None:
            continue
        claim_name(item, name, names, taken)
        capture = _bind_capture(item, names.full(name), keys)
        if capture is not None:
            captures.append(capture)
    return tuple(captures)


def claim_name(node: Node, name: str, names: Names, taken: set[str]) -> None:
    """A captured value is written once, and its name means nothing else."""
    if names.full(name) in taken:
        node.report("H2204", f'"{name}" is captured twice', "a capture is written once; choose another name", at_key=True)
    elif names.taken(name):
        node.report("H2204", f'"{name}" already means something else', "choose another name", at_key=True)
    taken.add(names.full(name))


def _bind_capture(node: Node, name: str, keys: Mapping[str, Node]) -> Capture | None:
    sources = [key for key in ("json", "matches", "exit") if key in keys]
    if len(sources) > 1 or (not sources and "stream" not in keys) or ("exit" in keys and "stream" in keys):
        node.report("H2308", f'capture "{node.key}" needs exactly one source', "json, matches, stream or exit; json and matches may name the stream")
        return None
    json = keys["json"].text() if "json" in keys else None
    if json is not None and isinstance(offset := parse_path(json), int):
        keys["json"].report("H2402", f'"{json[:80]}" is not a path: stopped at character {offset + 1}', "such as $.peers[0].nodeId")
    pattern = bind_pattern(keys["matches"], Names(), groups=1) if "matches" in keys else None
    return Capture(
        name,
        node.position,
        json=json,
        matches=None if pattern is None else pattern.literal,
        stream=keys["stream"].choice(("stdout", "stderr")) if "stream" in keys else None,
        exit="exit" in keys and bool(keys["exit"].true()),
        optional="optional" in keys and bool(keys["optional"].true()),
    )
