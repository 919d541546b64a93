"""The C front built by clang with AddressSanitizer and UndefinedBehaviorSanitizer, and the corpus run through that build.

The build is kept under the digest of what it is made from. What a character is, it is told by the interpreter that makes it.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.equivalence import characters
from cli.equivalence.c_front import constants, seen_of
from cli.equivalence.corpus import Record, dump_vector
from cli.equivalence.parsers import CACHE, ROOT
from cli.equivalence.vector import Vector, differing
from cli.publish.answers import constant_answers
from cli.publish.cache import Cache
from cli.publish.compile import OWN_WARNINGS
from cli.publish.digests import file_digest, key_of, sources_digest
from cli.publish.front_library import BUILD_ID, VERSION, looked
from cli.publish.front_sources import FRONT, LIBRARY, TABLES, FrontTables, place_sources
from cli.publish.gate import Gate, read_allowed
from cli.publish.staging import package_digest, stage_package
from cli.publish.tools import Tools

DRIVERS = ROOT / "cli" / "tests" / "fuzz"
EXACT_ARENA = "arena_exact.c"
_PACKAGES = "clang and libclang-rt-dev"
_ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}


@dataclass(frozen=True, slots=True)
class Program:
    """A program around the front: its main file, the sanitizers in it, and what takes the place of sources of the front."""

    name: str
    driver: str
    sanitizers: str
    instead: tuple[tuple[str, str], ...] = ()

    @property
    def drivers(self) -> tuple[str, ...]:
        """Its own C files."""
        return (self.driver, *(new for _, new in self.instead))

    @property
    def sources(self) -> tuple[str, ...]:
        """All C files that it is compiled from."""
        replaced = dict(self.instead)
        return (self.driver, "characters.c", *(replaced.get(name, name) for name in LIBRARY))


REPLAY = Program("replay", "replay.c", "address,undefined")
# The front takes its memory from large blocks, in which a byte too far is not seen; here each piece is a block.
REPLAY_EXACT = Program("replay_exact", "replay.c", "address,undefined", (("arena.c", EXACT_ARENA),))
FUZZ_TARGET = Program("fuzz_target", "fuzz_target.c", "fuzzer,address,undefined", (("arena.c", EXACT_ARENA),))


class SanitizerError(Exception):
    """A sanitizer build cannot be made or used; the text says what to do."""


def missing() -> str:
    """What has to be installed first; empty when nothing is."""
    if shutil.which("clang") is None:
        return f"install {_PACKAGES}"
    done = subprocess.run(["clang", "-print-file-name=libclang_rt.fuzzer-x86_64.a"], capture_output=True, text=True, check=False)
    shown = subprocess.run(["clang", "-print-runtime-dir"], capture_output=True, text=True, check=False)
    places = (Path(done.stdout.strip()), Path(shown.stdout.strip()) / "libclang_rt.fuzzer-x86_64.a", Path(shown.stdout.strip()) / "libclang_rt.fuzzer.a")
    return "" if any(place.is_file() for place in places) else f"install {_PACKAGES}"


def build(program: Program) -> Path:
    """The program with its sanitizers, from the cache or built now."""
    lacking = missing()
    if lacking:
        raise SanitizerError(f"the sanitizer build of the C front needs clang with its runtime: {lacking}")
    clang = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    key = key_of(
        {
            "recipe": file_digest(Path(__file__)),
            "characters": file_digest(Path(characters.__file__)),
            "unicode": unicodedata.unidata_version,
            "clang": clang,
            "program": repr(program),
            **{name: file_digest(DRIVERS / name) for name in program.drivers},
            "rules": sources_digest(FRONT, (".c", ".h")),
            "tables": file_digest(TABLES),
            "package": package_digest(),
        }
    )
    return Cache(CACHE).make("sanitized", key, lambda made: _compile(program, made)) / program.name


def _compile(program: Program, made: Path) -> None:
    tools = Tools(Gate(read_allowed()), CACHE / "logs" / "sanitized", CACHE)
    work = made / "work"
    work.mkdir()
    package = stage_package(work, kind="native", target="linux-x64", build_id=BUILD_ID)
    place_sources(FrontTables(constant_answers(package, VERSION, tools)), work)
    for name in program.drivers:
        shutil.copyfile(DRIVERS / name, work / name)
    (work / "characters.c").write_text(characters.source(), encoding="ascii")
    checks = (f"-fsanitize={program.sanitizers}", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
    options = ("-std=c11", "-g", "-O1", f"-ffile-prefix-map={work}=.", *checks, *OWN_WARNINGS)
    tools.run(program.name, ["clang", *options, *program.sources, "-o", program.name], ours=True, cwd=work)
    (work / program.name).rename(made / program.name)
    shutil.rmtree(work)


def environment() -> dict[str, str]:
    """That of a program with sanitizers in it."""
    return {**os.environ, **_ENVIRONMENT}


def replay(program: Path, vectors: Sequence[Vector]) -> Iterator[bytes]:
    """The result of each vector; raises SanitizerError with what a sanitizer said."""
    done = subprocess.run([program], input=b"".join(packed(vector) for vector in vectors), capture_output=True, env=environment(), check=False)
    if done.returncode or done.stderr:
        reached = sum(1 for _ in blocks(done.stdout))
        report = done.stderr.decode("utf-8", "replace")[:4000]
        at = dump_vector(vectors[min(reached, len(vectors) - 1)])
        raise SanitizerError(f"exit {done.returncode} at or after vector {reached + 1} of {len(vectors)}:\n  {at}\n{report}")
    yield from blocks(done.stdout)


def packed(vector: Vector, surrogates: str = "surrogateescape") -> bytes:
    """What replay.c reads for a vector; `surrogates` says what bytes a surrogate is."""
    words = b"".join(word.encode("utf-8", surrogates) + b"\0" for word in vector.words)
    columns = b"" if vector.columns is None else vector.columns.encode("utf-8", surrogates)
    terminals = sum(1 << descriptor for descriptor in vector.terminals)
    return struct.pack("=iiii", len(words), -1 if vector.columns is None else len(columns), vector.width, terminals) + words + columns


def blocks(data: bytes) -> Iterator[bytes]:
    """What replay.c wrote for each vector."""
    at = 0
    while at + 4 <= len(data):
        (size,) = struct.unpack_from("=I", data, at)
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def differences(records: Sequence[Record]) -> list[str]:
    """One line for each thing in which the sanitized front differs from what was recorded."""
    found: list[str] = []
    for program in (REPLAY, REPLAY_EXACT):
        results = list(replay(build(program), [record.vector for record in records]))
        if len(results) != len(records):
            raise SanitizerError(f"{len(results)} results for {len(records)} vectors")
        found += _compared(records, results)
    return found


def _compared(records: Iterable[Record], results: Iterable[bytes]) -> Iterator[str]:
    known = constants()
    for record, result in zip(records, results, strict=True):
        for line in differing("sanitized C front", record.seen, seen_of(looked(result), known)):
            yield f"{dump_vector(record.vector)}: {line}"


def run(records: Sequence[Record]) -> int:
    """Prints what came of the whole corpus; 0 when no sanitizer complains and every answer is the recorded one."""
    try:
        found = differences(records)
    except SanitizerError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1
    sys.stdout.writelines(f"  {line}\n" for line in found[:20])
    sys.stdout.write(f"sanitizers: {len(records):,} vectors under address and undefined-behaviour sanitizers, {len(found)} differences\n")
    return 1 if found else 0
