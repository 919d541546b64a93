"""The C compiler: `zig cc` of the pinned `ziglang` package, which carries linker, headers and C libraries for all targets."""

from __future__ import annotations

import importlib.util
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cli.publish.errors import PublishError
from cli.publish.targets import Target

# The same for every call: zig builds the C library once per combination of these, which takes most of a minute.
# No undefined-behaviour traps (zig's default without them would also mislead configure); no position-independent code in a static program.
MODE = ("-O3", "-fno-sanitize=undefined", "-fno-pic", "-g0")
LINK_MODE = ("-static",)


def package_version(name: str) -> str:
    """The installed version of a build tool; a missing one is an error that says how to install it."""
    try:
        return version(name)
    except PackageNotFoundError:
        raise PublishError(f"{name} is not installed; run `make setup`") from None


def zig() -> Path:
    """The zig executable."""
    package_version("ziglang")
    spec = importlib.util.find_spec("ziglang")
    if spec is None or not spec.submodule_search_locations:
        raise PublishError("the ziglang package is broken; run `make setup`")
    return Path(spec.submodule_search_locations[0]) / "zig"


def compiler(target: Target) -> list[str]:
    """The words that start the C compiler for `target`."""
    # Code for Windows is always independent of its position; asking for less is an error there.
    mode = [word for word in MODE if word != "-fno-pic"] if target.windows else MODE
    return [str(zig()), "cc", "-target", target.triple, *mode]


def write_wrappers(place: Path, target: Target) -> None:
    """Commands without arguments or directory in their names, for build systems that cannot take either."""
    place.mkdir(parents=True, exist_ok=True)
    for name, words in (("target-cc", compiler(target)), ("target-ar", [str(zig()), "ar"]), ("target-ranlib", [str(zig()), "ranlib"])):
        script = place / name
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        script.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
