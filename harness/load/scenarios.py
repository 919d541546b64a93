"""Scenario files as values. Every mistake of a file is reported at once; a file with a mistake never becomes a scenario.

The id of a scenario is its path below the root without the suffix, its tier the first folder. Folders that begin with ``_`` hold shared
material, folders and files that begin with ``.`` are nobody's business, and ``expectations.toml``, ``timing.toml`` and ``startup.toml`` directly in the root
belong to other readers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.load.calls import Surroundings, Taken
from harness.load.cases import bind_cases, columns_of
from harness.load.document import Document, shown
from harness.load.errors import ScenarioError
from harness.load.expectations import bind_environment
from harness.load.names import Names
from harness.load.node import Node, nearest, root
from harness.load.places import bind_relative, bind_source
from harness.load.procedures import bind_procedures
from harness.load.servers import bind_servers, secure_names, server_names
from harness.load.shapes import FILE_SOURCE, SCENARIO
from harness.load.steps import bind_steps
from harness.model.position import Diagnostic, Position
from harness.model.scenario import Level, SandboxFile, Scenario, Tier

SHARED: Final = "_lib"
_NOT_SCENARIOS: Final = frozenset({"expectations.toml", "timing.toml", "startup.toml"})
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a tree holds: the scenarios sorted by id, and the mistakes of the files that did not become one."""

    scenarios: tuple[Scenario, ...]
    diagnostics: tuple[Diagnostic, ...]


def is_scenario(path: Path, root: Path) -> bool:
    """Whether a file is meant to be a scenario; says nothing about its content."""
    if path.suffix != ".toml" or not path.is_relative_to(root):
        return False
    parts = path.relative_to(root).parts
    return not any(part.startswith(("_", ".")) for part in parts) and not (len(parts) == 1 and parts[0] in _NOT_SCENARIOS)


def folder_loop(path: Path) -> Diagnostic | None:
    """What is wrong with a link to a folder that the link itself lies in: whoever follows it never comes to an end."""
    if not path.is_symlink() or not path.is_dir() or not path.parent.resolve().is_relative_to(path.resolve()):
        return None
    hint = "remove the link; files that several scenarios use lie in _lib/"
    return Diagnostic("H1010", Position(shown(path), 1), "the folder is a link to a folder that it lies in", hint)


def is_library(path: Path, root: Path) -> bool:
    """Whether a file is one that scenarios include."""
    return path.suffix == ".toml" and path.is_relative_to(root / SHARED)


def load_tree(root: Path, only: Sequence[Path] | None = None) -> Loaded:
    """All scenarios below a root, or those among them that lie at or below the paths in ``only``."""
    scenarios: list[Scenario] = []
    diagnostics = [loop for path in sorted(root.rglob("*")) if _wanted(path, only) and (loop := folder_loop(path)) is not None]
    for path in sorted(_files(root, only), key=lambda item: item.relative_to(root).as_posix()):
        try:
            scenarios.append(load_file(path, root))
        except ScenarioError as error:
            diagnostics.extend(error.diagnostics)
    return Loaded(tuple(scenarios), tuple(diagnostics))


def _files(root: Path, only: Sequence[Path] | None) -> Iterator[Path]:
    for path in root.rglob("*.toml"):
        if is_scenario(path, root) and _wanted(path, only):
            yield path


def _wanted(path: Path, only: Sequence[Path] | None) -> bool:
    return only is None or any(path.absolute().is_relative_to(item.absolute()) for item in only)


def load_file(path: Path, root: Path) -> Scenario:
    """One scenario; raises ``ScenarioError`` with every mistake of the file."""
    return bind_scenario(Document.read(path), path, root)


def bind_scenario(document: Document, path: Path, base: Path) -> Scenario:
    """The scenario of a parsed file that lies, or is meant to lie, at ``path``."""
    node = root(document)
    _refuse_other_format(node)
    identity, tier = _identity(node, path, base)
    keys = node.table(SCENARIO) or {}
    folders = (path.parent, base / SHARED)
    names = Names(servers=server_names(keys.get("server")), secure=secure_names(keys.get("server")), folders=folders)
    cases = bind_cases(keys.get("case"), names)
    names = replace(names, columns=columns_of(cases))
    texts = {name: keys[name].text() or "" for name in ("title", "why") if name in keys}
    lists = {name: keys[name].texts() or () for name in ("covers", "tags", "needs") if name in keys}
    level = keys["level"].choice([item.value for item in Level]) if "level" in keys else None
    servers = bind_servers(keys.get("server"), names, tier, folders)
    around, taken = Surroundings(bind_procedures(keys.get("include"), keys.get("procedure"), base / SHARED)), Taken()
    steps = bind_steps(keys.get("step"), names, taken, "[[step]]", around)
    always = bind_steps(keys.get("finally"), names, taken, "[[finally]]", replace(around, always=True))
    scenario = Scenario(
        id=identity,
        path=path,
        tier=tier or Tier.UNIT,
        title=texts.get("title", ""),
        steps=steps,
        cases=cases,
        always=always,
        why=texts.get("why", ""),
        covers=lists.get("covers", ()),
        level=Level(level or "must"),
        tags=lists.get("tags", ()),
        needs=lists.get("needs", ()),
        timeout=keys["timeout"].seconds() if "timeout" in keys else None,
        env=bind_environment(keys.get("env"), names),
        files=_bind_files(keys.get("files"), names, path.parent),
        cwd=(bind_relative(keys["cwd"], keys["cwd"].text()) if "cwd" in keys else None) or ".",
        servers=servers,
        arguments=taken.arguments,
        sources=(path, *dict.fromkeys(document.sources)),
    )
    if document.diagnostics:
        raise document.error()
    return scenario


def _refuse_other_format(node: Node) -> None:
    """Nothing else is judged in a file of another format: all its keys may mean something else."""
    version = node.value.get("format") if isinstance(node.value, dict) else None
    if version is not None and (version != 1 or isinstance(version, bool)):
        node.child("format", version).report("H1009", f"format {json.dumps(version, default=str)} is unknown", "this version of the suite reads format = 1")
        raise node.document.error()


def _identity(node: Node, path: Path, base: Path) -> tuple[str, Tier | None]:
    relative = path.relative_to(base)
    parts = (*relative.parent.parts, relative.stem)
    tiers = [tier.value for tier in Tier]
    start = (0, 1)
    bad = next((part for part in parts if not _PART.match(part) or len(part) > 100), None)
    if bad is not None:
        node.report("H1008", f'"{bad[:60]}" cannot be part of an id', "letters, digits, '-', '_' and '.' in file and folder names", span=start)
    if len(parts) < 2 or parts[0] not in tiers:
        meant = nearest(parts[0], tiers) if len(parts) > 1 else None
        hint = f'did you mean "{meant}/"?' if meant else f"one of {', '.join(tiers)}"
        node.report("H1007", f'the first folder is the tier, and "{parts[0] if len(parts) > 1 else "."}" is none', hint, span=start)
        return "/".join(parts), None
    return "/".join(parts), Tier(parts[0])


def _bind_files(node: Node | None, names: Names, folder: Path) -> tuple[SandboxFile, ...]:
    files: list[SandboxFile] = []
    for name, item in ((node.free_table() if node is not None else None) or {}).items():
        place = bind_relative(item, name, at_key=True)
        if isinstance(item.value, dict):
            keys = item.table(FILE_SOURCE, f'file "{name[:60]}"')
            source = bind_source(keys["from"], (folder,)) if keys and "from" in keys else None
            files.append(SandboxFile(place or name, source=source))
        else:
            files.append(SandboxFile(place or name, content=item.template(names)))
    return tuple(files)
