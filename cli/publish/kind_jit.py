"""The interpreted fallback: the wheel, and a clean virtual environment in which it is installed."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import venv
from pathlib import Path

from cli.publish import licences
from cli.publish.digests import file_digest
from cli.publish.errors import PublishError
from cli.publish.extras import extras_digest
from cli.publish.packager import Job, Made
from cli.publish.progress import stage
from cli.publish.staging import PROJECT, package_digest
from cli.publish.targets import Target
from cli.publish.toolchain import package_version
from cli.publish.wheel import build_wheel, install_wheel

LONGEST_INTERPRETER_LINE = 127

_TARGET = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)\Z")


class JitPackager:
    """Route: build the wheel, make an environment without pip, install, compile the bytecode once and for all."""

    kind = "jit"
    development = False

    def inputs(self, target: Target) -> dict[str, str]:
        return {
            "package": package_digest(),
            "extras": extras_digest(),
            "project": file_digest(PROJECT),
            "python": sys.version,
            "prefix": sys.base_prefix,
            "hatchling": package_version("hatchling"),
        }

    def make(self, job: Job) -> Made:
        work = job.place / "work"
        work.mkdir()
        with stage(job.progress, f"{job.artifact}: build the wheel"):
            wheel = build_wheel(work, job.place, build_id=job.build_id, tools=job.tools)
        shutil.rmtree(work)
        environment = job.place / "venv"
        with stage(job.progress, f"{job.artifact}: install it in a clean environment"):
            _make_environment(environment)
            site = environment / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
            scripts = install_wheel(wheel, site, environment)
            for name, target in scripts.items():
                _write_script(environment / "bin" / name, job.final / "venv" / "bin" / "python", target)
            _compile(job, environment / "bin" / "python", site)
        (job.place / "bin").mkdir()
        (job.place / "bin" / "omnirelay").symlink_to("../venv/bin/omnirelay")
        licences.place_licences(job.place, licences.own())
        facts = {"cpython": platform.python_version(), "hatchling": package_version("hatchling"), "wheel": wheel.name, "wheelSha256": file_digest(wheel)}
        return Made(executable="bin/omnirelay", tree="venv", facts=facts)


def _make_environment(place: Path) -> None:
    venv.EnvBuilder(symlinks=True, with_pip=False).create(place)
    # The activation scripts and the creating command hold the path of the moment, which is about to change; nothing needs them.
    for path in place.glob("bin/[Aa]ctivate*"):
        path.unlink()
    settings = place / "pyvenv.cfg"
    kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("command")]
    settings.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _write_script(path: Path, interpreter: Path, target: str) -> None:
    match = _TARGET.match(target)
    if match is None:
        raise PublishError(f"wheel: the console script {path.name} names {target!r}, expected module:function")
    start = f"#!{interpreter}\n"
    if " " in start or len(start) > LONGEST_INTERPRETER_LINE:
        # The kernel splits at spaces and cuts long lines off; the shell reads both, and Python takes the two lines for a string.
        start = f"#!/bin/sh\n'''exec' '{interpreter}' \"$0\" \"$@\"\n' '''\n"
    path.write_text(f"{start}import sys\n\nfrom {match[1]} import {match[2]}\n\nsys.exit({match[2]}())\n", encoding="utf-8")
    path.chmod(0o755)


def _compile(job: Job, python: Path, site: Path) -> None:
    """Bytecode that is never checked and never rewritten, so that running the artifact does not change it."""
    final = job.final / site.relative_to(job.place)
    options = ["-q", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", str(site), "-p", str(final)]
    job.tools.run("compileall", [python, "-I", "-m", "compileall", *options, site], ours=True, cwd=job.place)
