"""Writes what the emitters make of the declaration, or compares it with what is there."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from cli.generator import command_functions
from cli.generator.emitters import EMITTERS, OWNED, Files
from cli.generator.model import BuildError
from cli.generator.reading import read_application

ROOT = Path(__file__).parents[2]


def generate() -> dict[str, Files]:
    """Folder → file name → content of everything that is generated."""
    application = read_application()
    command_functions.check(application, ROOT / "cli")
    folders: dict[str, Files] = {folder: {} for folder in OWNED}
    for emitter in EMITTERS:
        for name, content in emitter.emit(application).items():
            if name in folders[emitter.folder]:
                raise BuildError(f"two emitters write {emitter.folder}/{name}; rename one of them")
            folders[emitter.folder][name] = content
    return folders


def differences(files: Files, folder: Path, owned: Iterable[str]) -> list[str]:
    """One line for each file that differs, is missing, or should not be there."""
    found = []
    present = _present(folder, owned)
    for name in sorted(present | files.keys()):
        if name not in files:
            found.append(f"{folder / name}: is not generated any more; delete it")
        elif name not in present:
            found.append(f"{folder / name}: is missing")
        elif (folder / name).read_text(encoding="utf-8") != files[name]:
            found.append(f"{folder / name}: differs from what the generator writes")
    return found


def write(files: Files, folder: Path, owned: Iterable[str]) -> None:
    """Makes the folder hold exactly `files`, next to what is not generated; equal files are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _present(folder, owned) - files.keys():
        (folder / name).unlink()
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")


def _present(folder: Path, owned: Iterable[str]) -> set[str]:
    return {path.name for pattern in owned for path in folder.glob(pattern)}


def run(argv: list[str]) -> int:
    """Exit code 0 when written or equal, 1 otherwise; raises BuildError."""
    if argv not in ([], ["--check"]):
        sys.stderr.write("error: usage: python -m cli.generator [--check]\n")
        return 1
    folders = generate()
    if not argv:
        for folder, files in folders.items():
            write(files, ROOT / folder, OWNED[folder])
        return 0
    found = [line for folder, files in folders.items() for line in differences(files, ROOT / folder, OWNED[folder])]
    for line in found:
        sys.stderr.write(f"error: {line}; run python -m cli.generator\n")
    return 1 if found else 0
