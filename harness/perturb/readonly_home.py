"""A home directory that cannot be written, for root neither: the program is started in a mount namespace of its own, where it is mounted read-only.

Modes would not do: they mean nothing to user 0. Needs the right to make such a namespace, which root has in most containers and other users on
most desktops; that it really is read-only is tried before the first cell.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from harness.execute.spawner import ProcessSpec
from harness.perturb import mounted
from harness.perturb.base import Environment, Perturbation

_LAUNCHER: Final = str(Path(mounted.__file__).resolve())
_SECONDS: Final = 60
_TRIAL: Final = (
    "import errno, sys\ntry:\n    open(sys.argv[1], 'w')\nexcept OSError as error:\n    sys.exit(0 if error.errno == errno.EROFS else 4)\nsys.exit(3)\n"
)


def started_with(home: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    # Isolated and without site: nothing of this environment's packages is read, and it starts in 15 ms.
    return (sys.executable, "-I", "-S", "-B", _LAUNCHER, home, *argv)


@cache
def obstacle() -> str:
    """Tries it on a folder of its own; nothing when a file cannot be made there."""
    with tempfile.TemporaryDirectory(prefix="home-") as home:
        command = started_with(home, (sys.executable, "-I", "-S", "-c", _TRIAL, f"{home}/file"))
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"a home that is read-only cannot be had: {error}"
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "backslashreplace").strip() or f"a file could be made in it (exit {done.returncode})"
    return f"a home that is read-only cannot be had here: {said.removeprefix(mounted.PREFIX)}; run as root, or allow user namespaces"


def _process(spec: ProcessSpec, basis: Environment) -> ProcessSpec | None:
    if spec.env.get("HOME") != basis["HOME"]:
        return None
    return replace(spec, argv=started_with(basis["HOME"], spec.argv))


READONLY_HOME: Final = Perturbation(
    name="readonly-home",
    changes="the home directory is mounted read-only",
    excuses="nothing",
    prepare=lambda workshop: obstacle(),
    process=_process,
)
