"""The licence texts that travel with an artifact: one file per contained part."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from pathlib import Path

from cli.publish.errors import PublishError
from cli.publish.staging import CLI

OWN = CLI.parent / "LICENSE"


def own() -> dict[str, Path]:
    """Our own licence."""
    return {"omnirelay.txt": OWN}


def musl() -> dict[str, Path]:
    """The C library of static programs and the compiler's own part of it, as the compiler's package carries them."""
    spec = importlib.util.find_spec("ziglang")
    root = Path(spec.submodule_search_locations[0]) if spec is not None and spec.submodule_search_locations else Path()
    return {"musl.txt": root / "lib/libc/musl/COPYRIGHT", "zig.txt": root / "LICENSE"}


def host_python() -> dict[str, Path]:
    """The licence of the interpreter that runs the publish and goes into frozen bundles."""
    upstream = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    # Debian keeps the text with its package instead.
    return {"cpython.txt": upstream if upstream.is_file() else Path("/usr/share/doc/python3/copyright")}


def place_licences(place: Path, texts: dict[str, Path]) -> None:
    """Copies the texts to `place / "licenses"`; a missing one is an error, because an artifact without its licences cannot be given away."""
    folder = place / "licenses"
    folder.mkdir()
    for name, path in sorted(texts.items()):
        try:
            shutil.copyfile(path, folder / name)
        except OSError as error:
            raise PublishError(f"the licence text {path} cannot be copied: {error.strerror}") from None
        (folder / name).chmod(0o644)
