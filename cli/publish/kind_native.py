"""Native artifacts: one static file with the interpreter and our modules as machine code in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.publish import licences
from cli.publish.answers import constant_answers
from cli.publish.compile import (
    OWN_WARNINGS,
    compile_c,
    compile_modules,
    linked_modules,
    translate,
)
from cli.publish.digests import sources_digest
from cli.publish.extras import extras_digest, place_extras
from cli.publish.freeze import LIBRARY, freeze, freeze_library
from cli.publish.front_sources import PROGRAM, FrontTables, place_sources
from cli.publish.link import link, module_table, symbols_of
from cli.publish.packager import Job, Made
from cli.publish.progress import Progress, stage
from cli.publish.runtime import NATIVE, Runtime, runtime, runtime_key
from cli.publish.sources import read_lock
from cli.publish.staging import package_digest, stage_package
from cli.publish.stdlib import library_modules
from cli.publish.targets import Target
from cli.publish.toolchain import package_version
from cli.publish.tools import Tools
from cli.publish.trimming import header, used

MAIN = ("main.c", "handover.c", "memory.c", "modules.c", "stage.c", "trimming.c")


class NativePackager:
    """Route: stage, translate to C, compile, link with the cached static runtime."""

    kind = "native"
    development = False

    def inputs(self, target: Target) -> dict[str, str]:
        return {
            "package": package_digest(),
            "extras": extras_digest(),
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
        tables = FrontTables(constant_answers(package, base.version, job.tools))
        program = build_program(job.artifact, package, tables, base, job.target, job.tools, job.progress)
        symbols_of(program).rename(job.place / symbols_of(program).name)
        program.rename(job.place / program.name)
        shutil.rmtree(work)
        place_extras(job.place)
        licences.place_licences(job.place, {**licences.own(), **licences.musl(), "cpython.txt": base.licence})
        facts = {
            "cpython": base.version,
            "cpythonSource": source.sha256,
            "runtime": base.key,
            "zig": package_version("ziglang"),
            "cython": package_version("cython"),
        }
        return Made(executable=program.name, facts=facts, warnings=base.warnings)


def build_program(name: str, package: Path, tables: FrontTables, base: Runtime, target: Target, tools: Tools, progress: Progress) -> Path:
    """The native program of a staged package whose `invocation` has `run(path, values)`; everything is made beside the package."""
    work = package.parent
    with stage(progress, f"{name}: translate to C"):
        found = linked_modules(package)
        needed = library_modules(base.modules, [module.source for module in found])
        uses = used((module.source for module in found), package.name)
        (work / "used.h").write_text(header(uses), encoding="utf-8")
        translate(found, work, tools)
    with stage(progress, f"{name}: compile {len(found)} modules"):
        objects = compile_modules(found, work, base, target, tools)
        (work / "table.c").write_text(module_table(found, uses.modules), encoding="utf-8")
        for path in sorted(NATIVE.glob("*.[ch]")):
            shutil.copyfile(path, work / path.name)
        place_sources(tables, work)
        freeze(NATIVE / "core_import.py", "core_import", work, base, tools)
        freeze_library(needed, work, base, tools)
        for part in (*MAIN, *PROGRAM, "table.c", LIBRARY):
            objects.append(compile_c(f"compile-{Path(part).stem}", work / part, work, base, target, tools, OWN_WARNINGS))
    with stage(progress, f"{name}: link"):
        return link(objects, base, target, work, tools)
