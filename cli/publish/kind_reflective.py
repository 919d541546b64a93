"""The development kind: a script that runs the Typer declaration of this checkout as it stands. Never published, never in a default selection."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from cli.publish.digests import sources_digest
from cli.publish.packager import Job, Made
from cli.publish.staging import CLI, package_digest
from cli.publish.targets import Target
from cli.publish.toolchain import package_version

SCRIPT = """#!/bin/sh
# Runs the declaration of the checkout. Isolated: neither the environment's Python settings nor the user's own packages reach it.
exec '{python}' -I -c 'import sys; sys.path[:0] = [{root!r}, {cli!r}]; from cli.declaration.__main__ import main; main()' "$@"
"""


class ReflectivePackager:
    """Route: one script."""

    kind = "reflective"
    development = True

    def inputs(self, target: Target) -> dict[str, str]:
        return {
            "package": package_digest(),
            "declaration": sources_digest(CLI / "declaration", (".py",)),
            "generator": sources_digest(CLI / "generator", (".py",)),
            "python": sys.executable + sys.version,
            "typer": package_version("typer"),
            "click": package_version("click"),
            "script": SCRIPT + str(CLI),
        }

    def make(self, job: Job) -> Made:
        script = job.place / "omnirelay"
        # Double quotes around the paths, because the whole program stands in single quotes for the shell.
        root, cli = (_quoted(path) for path in (CLI.parent, CLI))
        script.write_text(SCRIPT.replace("{root!r}", root).replace("{cli!r}", cli).replace("{python}", sys.executable), encoding="utf-8")
        script.chmod(0o755)
        # Compiled beforehand, as an installed program is: timed without its bytecode it would compile itself in every run and look slow.
        folders = [CLI / name for name in ("declaration", "generator", "omnirelay")]
        compile_all: list[str | Path] = [sys.executable, "-I", "-m", "compileall", "-q", *folders]
        job.tools.run("reflective-bytecode", compile_all, ours=True, cwd=CLI)
        return Made(
            executable="omnirelay",
            facts={"cpython": platform.python_version(), "typer": package_version("typer"), "click": package_version("click")},
        )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\x27")
    return f'"{escaped}"'
