"""The two small static programs that measuring needs, compiled by the same toolchain as the native artifact and cached by their inputs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from harness import whole
from harness.perf.errors import ToolError
from harness.perf.host import machine

SOURCES = Path(__file__).with_name("native")
FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s")
BUILD_LIMIT = 1800
"""Seconds. The first program for a target brings its C library along, which is minutes of work for a machine that has more to do."""


def bundled(name: str) -> Path:
    """The source that the harness brings under this name."""
    return SOURCES / f"{name}.c"


def compile_program(source: Path, cache: Path) -> Path:
    """The executable of a one-file C program for this machine, built on the first call and taken from ``cache`` after that."""
    name = source.stem
    text = source.read_bytes()
    target = f"{machine()}-linux-musl"
    inputs = "\n".join((target, *FLAGS, version("ziglang"))).encode() + b"\n" + text
    cache = cache.absolute()
    finished = cache / "perf" / f"{name}-{hashlib.sha256(inputs).hexdigest()[:16]}"
    if finished.is_file():
        return finished
    finished.parent.mkdir(parents=True, exist_ok=True)
    with whole.workspace(finished.parent) as work:
        made = work / name
        call = [sys.executable, "-m", "ziglang", "cc", "-target", target, *FLAGS, str(source), "-o", str(made)]
        environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(cache / "zig"), "ZIG_LOCAL_CACHE_DIR": str(work / "zig-local")}
        try:
            done = subprocess.run(call, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BUILD_LIMIT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolError(f"compiling {source.name} failed: {error}") from None
        if done.returncode or done.stderr.strip():
            raise ToolError(f"compiling {source.name} failed (exit {done.returncode}): {done.stderr.strip()[-2000:]}")
        # Renamed when whole, so that a kill in the middle never leaves half a program under the final name.
        made.replace(finished)
    return finished
