"""Paths that scenarios write: relative, with ``/``, never leaving their place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from harness.load.limits import DATA_BYTES
from harness.load.node import Node, nearest

_HINT = 'such as "config/profile.toml": relative, with "/", without ".."'


def bind_relative(node: Node, text: str | None, *, at_key: bool = False) -> str | None:
    """A path inside the sandbox in its plain form, or None after the mistake was reported."""
    if text is None:
        return None
    pure = PurePosixPath(text)
    bad = pure.is_absolute() or ".." in pure.parts or "\\" in text or ":" in text or "\0" in text or not pure.parts
    if bad or len(text) > 200:
        node.report("H2403", f'"{text[:80]}" is not a plain relative path', _HINT, at_key=at_key)
        return None
    return pure.as_posix()


def bind_source(node: Node, folders: Sequence[Path]) -> Path | None:
    """An existing file of one of the folders, in this order."""
    text = node.text()
    relative = bind_relative(node, text)
    if relative is None:
        return None
    for folder in folders:
        path = folder / relative
        if path.is_file():
            if not path.resolve().is_relative_to(folder.resolve()):
                node.report("H2403", f'"{relative}" leads out of {folder.name}/', "put a copy beside the scenario")
                return None
            if path.stat().st_size > DATA_BYTES:
                node.report("H2406", f'"{relative}" is larger than {DATA_BYTES // 1024 // 1024} MiB')
                return None
            node.document.sources.append(path)
            return path
    looked = " or ".join(f"{folder.name}/" for folder in folders)
    node.report("H2404", f'there is no file "{relative}" in {looked}', _similar(relative, folders))
    return None


def _similar(name: str, folders: Sequence[Path]) -> str:
    """A hint at a file of the same suffix; suffixes say nothing about what was meant, so that only stems are compared."""
    suffix = PurePosixPath(name).suffix
    stems = sorted({item.stem for folder in folders if folder.is_dir() for item in folder.glob(f"*{suffix}") if item.is_file()})
    meant = nearest(name.removesuffix(suffix), stems)
    return f'did you mean "{meant}{suffix}"?' if meant else ""
