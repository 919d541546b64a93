"""A private copy of the package `omnirelay`, with the facts of one artifact written into it. What is compiled, frozen or packed is always such a copy."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from cli.publish.digests import sources_digest
from cli.publish.errors import PublishError

CLI = Path(__file__).resolve().parent.parent
PACKAGE = CLI / "omnirelay"
PROJECT = CLI / "pyproject.toml"

_FACTS = '''"""Facts about how this copy was made; written by publish."""

from __future__ import annotations

KIND: str = {kind!r}
TARGET: str = {target!r}
VERSION: str = {version!r}
BUILD_ID: str = {build_id!r}
'''


def product_version() -> str:
    """The version of the product, as its project file has it."""
    try:
        return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError) as error:
        raise PublishError(f"{PROJECT}: no project version can be read: {error}") from None


def package_digest() -> str:
    """The digest of the product's sources."""
    return sources_digest(PACKAGE, (".py",))


def stage_package(place: Path, *, kind: str, target: str, build_id: str) -> Path:
    """Copies the package into `place` with its own `_build` module; the result is `place / "omnirelay"`."""
    copy = place / "omnirelay"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    facts = _FACTS.format(kind=kind, target=target, version=product_version(), build_id=build_id)
    (copy / "_build.py").write_text(facts, encoding="utf-8")
    return copy
