"""``conformance new``: the first lines of a scenario, which pass lint and hold: for the program of this checkout, or for one that was just looked at."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from harness.load.document import Document, shown
from harness.load.errors import ScenarioError
from harness.load.render import render_all
from harness.load.scenarios import bind_scenario
from harness.model.scenario import Tier

_SCHEMA: Final = Path(__file__).resolve().parents[1] / "schema" / "scenario-1.json"
_HEAD: Final = """\
#:schema {schema}
format = 1
title = {title}
why = "Say who would be hurt if it did not hold."
level = "must"
"""
_ALONE: Final = """
[[step]]
id = "version"
run = ["--version"]
stdout.equals = "<version>\\n"
"""
_WITH_SERVER: Final = """
[server.plane]
use = "control-plane"
generate = { kind = "peers", count = 3, seed = 7 }
clock = "2025-01-02T03:04:05Z"

[[step]]
id = "list"
run = ["mesh", "peers", "list", "--url", "${plane.url}", "--format", "json"]
stdout.json.check = [{ path = "$.peers", length = 3 }]

[[step]]
id = "asked-once"
received = { server = "plane", method = "GET", path = "/control/peers", times = 1 }
"""


_WHOLE: Final = 12
"""Lines of a stream that are expected as they are; of a longer one the first line that says something."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a program did when it was started with these arguments; its output is normalised."""

    arguments: tuple[str, ...]
    exit: int
    stdout: str
    stderr: str


def start(name: str, title: str | None, root: Path, seen: Seen | None = None) -> int:
    """Write the scenario called ``name`` below the root; 1 after a sentence when that is not possible. Nothing is ever overwritten.

    It expects of the program what was seen of it, or else shows a verb of the program of this checkout.
    """
    if not root.is_dir():
        return _refuse(f"there is no scenario tree at {shown(root)}; make that folder, or name another one with --scenarios")
    pure = PurePosixPath(name.removesuffix(".toml"))
    if pure.is_absolute() or ".." in pure.parts or len(pure.parts) < 3:
        tiers = ", ".join(tier.value for tier in Tier)
        return _refuse(f'"{name}" is not TIER/AREA/NAME, such as feature/upgrade/drain-twice; the tiers are {tiers}')
    path = root.joinpath(*pure.parts[:-1], f"{pure.name}.toml")
    text = starter(pure, title or pure.name.replace("-", " ").capitalize(), path, seen)
    try:
        bind_scenario(Document.parse(text.encode(errors="surrogateescape"), path, shown(path)), path, root)
    except ScenarioError as error:
        print(render_all(error.diagnostics), file=sys.stderr)
        return 1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except FileExistsError:
        return _refuse(f"{shown(path)} exists already")
    except OSError as error:
        return _refuse(f"{shown(path)} cannot be written: {error.strerror}")
    tree = f"--scenarios {shown(root)} " if seen else ""
    listed = "--artifacts FILE " if seen else ""
    print(f"wrote {shown(path)}\nrun   pytest {tree}{listed}{shown(path)}\ncheck conformance lint {tree}{shown(path)}")
    if seen:
        print("FILE  lists the program, such as dist/artifacts.json lists those of this checkout")
    return 0


def starter(name: PurePosixPath, title: str, path: Path, seen: Seen | None = None) -> str:
    """The text of a first scenario. Editors find the schema by the relative path in its first line."""
    schema = PurePosixPath(os.path.relpath(_SCHEMA, path.absolute().parent).replace(os.sep, "/"))
    body = _expecting(seen) if seen else _ALONE if name.parts[0] == Tier.UNIT.value else _WITH_SERVER
    return _HEAD.format(schema=schema, title=json.dumps(title, ensure_ascii=False)) + body


def _expecting(seen: Seen) -> str:
    """A step that holds for what was seen."""
    lines = ["", "[[step]]", 'id = "first"', f"run = [{', '.join(map(_quoted, seen.arguments))}]"]
    if seen.exit:
        lines.append(f"exit = {seen.exit}")
    lines += [f"{stream}.{_expected(text)}" for stream, text in (("stdout", seen.stdout), ("stderr", seen.stderr)) if text]
    return "\n".join(lines) + "\n"


def _expected(text: str) -> str:
    lines = text.splitlines()
    if len(lines) <= _WHOLE:
        return f"equals = {_quoted(text)}"
    return f"contains = [{_quoted(next((line for line in lines if line.strip()), lines[0]))}]"


def _quoted(text: str) -> str:
    """A text of TOML that stands for itself: a dollar sign would begin a placeholder."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("$", "$$")


def _refuse(text: str) -> int:
    print(f"error: {text}", file=sys.stderr)
    return 1
