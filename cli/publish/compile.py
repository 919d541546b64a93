"""From Python modules to object files: Cython turns each module of the staged package into C, the C compiler turns that into machine code.

A package imported from inside a program has no directory, so each compiled `__init__` says that its submodules exist
elsewhere; and since two modules may share a last name, each gets an initialiser named after its full name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cli.publish.extension_types import declare
from cli.publish.reachable import reachable
from cli.publish.runtime import Runtime
from cli.publish.targets import Target
from cli.publish.toolchain import compiler
from cli.publish.tools import Tools

WORKERS = 2
START = "invocation"
"""The module at which the native program enters the package."""
# Annotations are for people and mypy, not types for Cython: a subclass or a bool must be as welcome as in the interpreted kinds.
# Signatures, docstrings and pickling are of no use in a program and cost start-up time and size.
DIRECTIVES = {
    "annotation_typing": "False",
    "auto_pickle": "False",
    "binding": "False",
    "embedsignature": "False",
    "emit_code_comments": "False",
    "language_level": "3",
}
CYTHON_OPTIONS = ("--no-docstrings", "-Wextra", "-Werror")
# Strings are stored as they are: unpacking them would need a decompressor at start-up.
DEFINES = ("-DCYTHON_COMPRESS_STRINGS=0", "-DCYTHON_CLINE_IN_TRACEBACK=0")
SECTIONS = ("-ffunction-sections", "-fdata-sections")
OWN_WARNINGS = ("-Wall", "-Wextra", "-Werror")
# What Cython's generated C does by design and no change of ours can mend.
GENERATED_WARNINGS = (*OWN_WARNINGS, "-Wno-unused-function", "-Wno-unused-parameter", "-Wno-unused-variable", "-Wno-missing-field-initializers")


@dataclass(frozen=True, slots=True)
class Module:
    """One compiled module: its full name, its initialiser in C, and its source."""

    name: str
    initialiser: str
    source: Path


def linked_modules(package: Path) -> tuple[Module, ...]:
    """The modules of a staged package that its start can reach, sorted by name."""
    found = []
    for name, source in reachable(package, f"{package.name}.{START}").items():
        found.append(Module(name, "PyInit_" + "__".join(f"{len(part)}{part}" for part in name.split(".")), source))
    return tuple(sorted(found, key=lambda module: module.name))


def translate(found: Sequence[Module], work: Path, tools: Tools) -> None:
    """Writes `<module>.c` beside each module."""
    for module in found:
        if module.source.name == "__init__.py":
            with module.source.open("a", encoding="utf-8") as file:
                file.write("\n__path__ = []\n")
        declare(module.source)
    options = [word for name, value in DIRECTIVES.items() for word in ("-X", f"{name}={value}")]
    relative = [module.source.relative_to(work) for module in found]
    command: list[str | Path] = [sys.executable, "-sP", "-m", "cython", *CYTHON_OPTIONS, *options, *relative]
    tools.run("cython", command, ours=True, cwd=work)


def compile_modules(found: Sequence[Module], work: Path, runtime: Runtime, target: Target, tools: Tools) -> list[Path]:
    """The object files of translated modules, in their order."""

    def one(module: Module) -> Path:
        short = module.name.rpartition(".")[2]
        rename = f"-DPyInit_{short}={module.initialiser}"
        source = module.source.with_suffix(".c")
        return compile_c(f"compile-{module.name}", source, work, runtime, target, tools, (*DEFINES, rename, *GENERATED_WARNINGS))

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, found))


def compile_c(step: str, source: Path, work: Path, runtime: Runtime, target: Target, tools: Tools, options: Sequence[str]) -> Path:
    """One object file beside its source; anything the compiler says is an error."""
    result = source.with_suffix(".o")
    command: list[str | Path] = [*compiler(target), *SECTIONS, *options, f"-ffile-prefix-map={work}=.", "-isystem", runtime.headers]
    tools.run(step, [*command, "-c", source.relative_to(work), "-o", result.relative_to(work)], ours=True, cwd=work, hide=work)
    return result
