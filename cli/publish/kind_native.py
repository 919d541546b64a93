"""Native artifacts: one static file with the interpreter and our modules as machine code in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.publish import licences
from cli.publish.answers import answers_header
from cli.publish.compile import (
    OWN_WARNINGS,
    compile_c,
    compile_modules,
    modules,
    translate,
)
from cli.publish.constants import header, named
from cli.publish.digests import sources_digest
from cli.publish.freeze import freeze
from cli.publish.link import link, module_table
from cli.publish.packager import Job, Made
from cli.publish.progress import Progress, stage
from cli.publish.runtime import NATIVE, Runtime, runtime, runtime_key
from cli.publish.sources import read_lock
from cli.publish.staging import package_digest, stage_package
from cli.publish.targets import Target
from cli.publish.toolchain import package_version
from cli.publish.tools import Tools


class NativePackager:
    """Route: stage, translate to C, compile, link with the cached static runtime."""

    kind = "native"
    development = False

    def inputs(self, target: Target) -> dict[str, str]:
        return {
            "package": package_digest(),
            "main": sources_digest(NATIVE, (".c", ".h", ".py")),
            "runtime": runtime_key(read_lock()["cpython"], target),
            "cython": package_version("cython"),
        }

    def make(self, job: Job) -> Made:
        source = read_lock()["cpython"]
        base = runtime(source, job.target, job.cache, job.tools, job.progress)
        work = job.place / "work"
        work.mkdir()
        package = stage_package(work, kind=self.kind, target=job.target.name, build_id=job.build_id)
        program = build_program(job.artifact, package, base, job.target, job.tools, job.progress)
        program.rename(job.place / program.name)
        shutil.rmtree(work)
        licences.place_licences(job.place, {**licences.own(), **licences.musl(), "cpython.txt": base.licence})
        facts = {
            "cpython": base.version,
            "cpythonSource": source.sha256,
            "runtime": base.key,
            "zig": package_version("ziglang"),
            "cython": package_version("cython"),
        }
        return Made(executable=program.name, facts=facts, warnings=base.warnings)


def build_program(name: str, package: Path, base: Runtime, target: Target, tools: Tools, progress: Progress) -> Path:
    """The native program of a staged package whose `__main__` has `run(argv)`; everything is made beside the package."""
    work = package.parent
    with stage(progress, f"{name}: translate to C"):
        # Asked before translation, which marks the packages as having no directory.
        (work / "answers.h").write_text(answers_header(work, tools), encoding="utf-8")
        found = modules(package)
        (work / "wanted.h").write_text(header(named(module.source for module in found)), encoding="utf-8")
        translate(found, work, tools)
    with stage(progress, f"{name}: compile {len(found)} modules"):
        objects = compile_modules(found, work, base, target, tools)
        (work / "table.c").write_text(module_table(found), encoding="utf-8")
        for path in sorted(NATIVE.glob("*.[ch]")):
            shutil.copyfile(path, work / path.name)
        freeze(NATIVE / "core_import.py", "core_import", work, base, tools)
        for part in ("main.c", "front.c", "memory.c", "constants.c", "table.c"):
            objects.append(compile_c(f"compile-{Path(part).stem}", work / part, work, base, target, tools, OWN_WARNINGS))
    with stage(progress, f"{name}: link"):
        return link(objects, base, target, work, tools)
