"""The C front as a program on Windows: words from a real command line, and the recorded corpus, answered as everywhere else.

Five parts. Every vector of the corpus goes through the front in one process. A sample goes through real processes, one for each
vector. Pages are shown on a console, whose width they are laid out for. Streams that cannot be written are told as elsewhere. And command lines
that another runtime or shell would expand, or that are hard to take apart, are asked of the front and of the C runtime of the system, by which an
interpreter gets its words.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cli.equivalence import windows_lines
from cli.equivalence.c_front import seen_of
from cli.equivalence.cells import EXPLAIN, arguments, case_of
from cli.equivalence.corpus import Record, dump_vector
from cli.equivalence.parsers import CACHE
from cli.equivalence.processes import Ended, compared
from cli.equivalence.sanitized import blocks, packed
from cli.equivalence.vector import STDERR, STDOUT, Seen, Value, differing
from cli.equivalence.windows_build import PROGRAM, Programs, build
from cli.equivalence.wine import LINES, Start, Wine, WineError, prefix, windows_path, without_ends
from cli.publish.front_library import looked
from cli.publish.staging import product_version

SAMPLE = 400
"""How many vectors are real processes."""
_LONGEST = 600


def in_one_process(records: Sequence[Record], programs: Programs, wine: Wine) -> Iterator[str]:
    """One line for each thing in which the front's reading of a recorded vector is not as recorded."""
    send = b"".join(packed(record.vector, "surrogatepass") for record in records)
    results = list(blocks(wine.run(programs.place / "replay.exe", send=send)))
    if len(results) != len(records):
        raise WineError(f"replay.exe has {len(results)} results for {len(records)} vectors")
    for record, result in zip(records, results, strict=True):
        for line in differing("front on Windows", record.seen, _as_characters(seen_of(looked(result), programs.constants))):
            yield f"{dump_vector(record.vector)}: {line}"


def _as_characters(seen: Seen) -> Seen:
    """The bytes of a surrogate are that surrogate in the words of Windows."""
    return replace(seen, values=tuple((name, _plain(value)) for name, value in seen.values))


def _plain(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_text(word) for word in value)
    return _text(value) if isinstance(value, str) else value


def _text(word: str) -> str:
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "surrogatepass")


def sample(records: Sequence[Record], count: int = SAMPLE) -> list[Record]:
    """Records whose surroundings a process without a console has, spread over the corpus."""
    fitting = [record for record in records if not record.vector.terminals and not record.vector.width]
    return fitting[:: max(1, len(fitting) // count)][:count]


def as_processes(records: Sequence[Record], programs: Programs, wine: Wine) -> Iterator[str]:
    """One line for each thing in which a process is not what was recorded for its words."""
    program = programs.place / PROGRAM
    name = f'"{windows_path(program)}"'
    starts = [Start(f"{name} {subprocess.list2cmdline(arguments(record))}", record.vector.columns) for record in records]
    version = product_version()
    for record, ended in zip(records, wine.launch(programs.place / "launch.exe", program, starts), strict=True):
        for line in compared(case_of(record, ""), ended, version):
            yield f"{dump_vector(record.vector)}: {line}"


def for_consoles(records: Sequence[Record]) -> list[Record]:
    """Records of pages that fit on a console, whose width nothing but the console tells."""
    return [
        record
        for record in records
        if record.vector.terminals == (STDOUT, STDERR)
        and record.vector.columns is None
        and record.vector.width
        and record.seen.action == "answer"
        and _shown(record).isascii()
        and _shown(record).count("\n") < LINES
    ]


def _shown(record: Record) -> str:
    return record.seen.stdout + record.seen.stderr


def on_consoles(records: Sequence[Record], programs: Programs, wine: Wine) -> Iterator[str]:
    """One line for each page that is not seen on a console as it was recorded."""
    for record in records:
        code, seen = wine.on_console(programs.place / PROGRAM, record.vector.words, record.vector.width)
        expected = record.seen.code, without_ends(_shown(record))
        if (code, seen) != expected:
            yield f"{dump_vector(record.vector)}: {(code, seen)!r} on a console, expected {expected!r}"


def on_bad_streams(programs: Programs, wine: Wine) -> Iterator[str]:
    """One line for each standard output that cannot be written and is not told as everywhere else."""
    reader, gone = os.pipe()
    os.close(reader)
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        for what, stream, told in (
            ("a full disk", full, b"error: standard output could not be written: No space left on device.\n"),
            ("a closed pipe", gone, b""),
        ):
            ended = wine.onto(stream, programs.place / PROGRAM, ["--version"])
            if (ended.code, ended.stderr) != (1, told):
                yield f"{what}: exit code {ended.code} and {ended.stderr!r}, expected 1 and {told!r}"
    finally:
        os.close(gone)
        os.close(full)


def of_lines(lines: Sequence[windows_lines.Line], programs: Programs, wine: Wine) -> Iterator[str]:
    """One line for each command line whose words are not the expected ones, for the front or for the C runtime."""
    asked: list[tuple[str, str, Callable[[Ended], list[str]]]] = [
        (PROGRAM, subprocess.list2cmdline(EXPLAIN) + " ", _explained_words),
        ("runtime_words.exe", "", _runtime_words),
    ]
    with tempfile.TemporaryDirectory(prefix="words-") as folder:
        for file in windows_lines.FILES:
            (Path(folder) / file).write_text("expanded\n", encoding="ascii")
        for program, front, words_of in asked:
            starts = [Start(f'"C:\\Program Files\\{program}" {front}{line.text}') for line in lines]
            ends = wine.launch(programs.place / "launch.exe", programs.place / program, starts, cwd=Path(folder))
            for line, ended in zip(lines, ends, strict=True):
                words = words_of(ended)
                if words != list(line.words):
                    yield f"{program}: {line.text!r} is {words!r}, expected {list(line.words)!r}"


def _explained_words(ended: Ended) -> list[str]:
    if ended.code or ended.stderr:
        raise WineError(f"explain ended with {ended.code}: {ended.stderr.decode('utf-8', 'replace')}")
    return [token["text"] for token in json.loads(ended.stdout)["tokens"]]


def _runtime_words(ended: Ended) -> list[str]:
    words, at = [], 0
    while at + 4 <= len(ended.stdout):
        (units,) = struct.unpack_from("=I", ended.stdout, at)
        at += 4
        words.append(ended.stdout[at : at + 2 * units].decode("utf-16-le", "surrogatepass"))
        at += 2 * units
    return words[1:]


def run(records: Sequence[Record]) -> int:
    """Prints what came of all five parts; 0 when there was no difference."""
    chosen, pages, lines = sample(records), for_consoles(records), list(windows_lines.lines())
    wrong = 0
    try:
        programs = build()
        with prefix(CACHE) as wine:
            parts = (
                (f"{len(records):,} vectors in one process", in_one_process(records, programs, wine)),
                (f"{len(chosen):,} vectors as processes", as_processes(chosen, programs, wine)),
                (f"{len(pages):,} pages on a console", on_consoles(pages, programs, wine)),
                ("a full disk and a closed pipe", on_bad_streams(programs, wine)),
                (f"{len(lines):,} command lines, front and C runtime", of_lines(lines, programs, wine)),
            )
            for what, differences in parts:
                found = list(differences)
                wrong += len(found)
                sys.stdout.writelines(f"  {line[:_LONGEST]}\n" for line in found[:20])
                sys.stdout.write(f"windows: {what}, {len(found)} differences\n")
                sys.stdout.flush()
    except WineError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1
    return 1 if wrong else 0
