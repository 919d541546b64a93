"""libFuzzer on the C front: guided by coverage, seeded with the corpus, with the words of the command tree as its dictionary.

An input that crashes is kept as a file, and the command that shows it again is printed. Every input that the fuzzer kept because it
reached something new goes through all three parsers afterwards: coverage finds the vector, the comparison judges it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.equivalence.corpus import dump_vector
from cli.equivalence.maker import INTEGERS, VALUES
from cli.equivalence.parsers import CACHE, command_tree, parsers
from cli.equivalence.sanitized import FUZZ_TARGET, SanitizerError, build, environment
from cli.equivalence.vector import Vector

PLACE = CACHE / "fuzz"
LONGEST_INPUT = 4096
_NOT_SET = 255
_SAY_EVERY = 10.0
_STATE = re.compile(r"#(\d+)\t.*?cov: (\d+)")
_EDGES = re.compile(r"\((\d+) inline 8-bit counters\)")


@dataclass(slots=True)
class Progress:
    """What libFuzzer has said so far."""

    executions: int = 0
    reached: int = 0
    edges: int = 0

    def take(self, line: str) -> None:
        """Reads one line of its output."""
        edges, state = _EDGES.search(line), _STATE.match(line)
        if edges:
            self.edges = int(edges[1])
        if state:
            self.executions, self.reached = int(state[1]), int(state[2])

    def __str__(self) -> str:
        return f"{self.executions:,} executions, {self.reached:,} of {self.edges:,} edges"


def packed(vector: Vector) -> bytes | None:
    """The input that stands for a vector; None when the format of the fuzz target cannot hold it."""
    columns = None if vector.columns is None else vector.columns.encode("utf-8", "surrogateescape")
    if (columns is not None and len(columns) >= _NOT_SET) or vector.width > 255:
        return None
    terminals = sum(1 << descriptor for descriptor in vector.terminals)
    words = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in vector.words)
    return bytes([terminals, vector.width, _NOT_SET if columns is None else len(columns)]) + (columns or b"") + words


def unpacked(data: bytes) -> Vector | None:
    """The vector that an input stands for, if it stands for one."""
    if len(data) < 3 or (data[2] != _NOT_SET and len(data) < 3 + data[2]):
        return None
    size = 0 if data[2] == _NOT_SET else data[2]
    raw, rest = data[3 : 3 + size], data[3 + size :]
    words = rest.split(b"\0")
    if not words[-1]:
        words.pop()
    # A variable ends at its first NUL; so does COLUMNS in the fuzz target.
    columns = None if data[2] == _NOT_SET else raw.split(b"\0")[0].decode("utf-8", "surrogateescape")
    terminals = tuple(descriptor for descriptor in (1, 2) if data[0] >> descriptor & 1)
    return Vector(tuple(word.decode("utf-8", "surrogateescape") for word in words), columns, data[1], terminals)


def fuzz_front(vectors: Iterable[Vector], seconds: int, seed: int) -> int:
    """Runs libFuzzer so long; 0 when nothing crashed and all parsers agree on everything that it found worth keeping."""
    try:
        program = build(FUZZ_TARGET)
    except SanitizerError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1
    seeds, kept, crashes = (PLACE / name for name in ("seeds", "kept", "crashes"))
    shutil.rmtree(seeds, ignore_errors=True)
    for place in (seeds, kept, crashes):
        place.mkdir(parents=True, exist_ok=True)
    for vector in vectors:
        data = packed(vector)
        if data is not None and len(data) <= LONGEST_INPUT:
            (seeds / sha256(data).hexdigest()[:20]).write_bytes(data)
    (PLACE / "words.dict").write_text("".join(sorted(_dictionary())), encoding="ascii")
    options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LONGEST_INPUT}", "-timeout=10", "-print_final_stats=1"]
    command = [str(program), *options, f"-dict={PLACE / 'words.dict'}", f"-artifact_prefix={crashes}/", str(kept), str(seeds)]
    if not _run(command):
        newest = max(crashes.iterdir(), key=lambda path: path.stat().st_mtime, default=None)
        if newest is not None:
            sys.stdout.write(f"libfuzzer: the input is kept; to see it again: {program} {newest}\n")
        return 1
    return _judge(path.read_bytes() for path in sorted(kept.iterdir()))


def _dictionary() -> Iterator[str]:
    words = {word for path in command_tree() for word in path.split(" ")[1:]}
    for command in command_tree().values():
        words |= {name for option in command.options for name in (*option.names, *option.choices)}
    for raw in {word.encode("utf-8", "surrogateescape") for word in words | set(VALUES) | set(INTEGERS)} | {b"\0", b"\0--\0", b"=", b"\0explain\0--\0"}:
        if raw:
            yield '"' + "".join(f"\\x{byte:02x}" for byte in raw) + '"\n'


def _run(command: list[str]) -> bool:
    """Runs it with its progress in few words; on a crash prints what the sanitizers said."""
    sys.stdout.write(f"libfuzzer: {' '.join(command)}\n")
    progress, said, last = Progress(), time.monotonic(), [""] * 60
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), text=True, errors="replace") as process:
        assert process.stderr is not None
        for line in process.stderr:
            progress.take(line)
            last = [*last[1:], line]
            if time.monotonic() - said >= _SAY_EVERY:
                said = time.monotonic()
                sys.stdout.write(f"libfuzzer: {progress}\n")
                sys.stdout.flush()
    if process.returncode:
        sys.stdout.writelines(last)
    sys.stdout.write(f"libfuzzer: {progress}, {'no finding' if process.returncode == 0 else f'exit {process.returncode}'}\n")
    return process.returncode == 0


def _judge(inputs: Iterable[bytes]) -> int:
    """All three parsers on what was kept; 0 when they agree."""
    judged = 0
    wrong = 0
    with TemporaryDirectory(prefix="omnirelay-front-") as place, parsers(Path(place)) as ready:
        for data in inputs:
            vector = unpacked(data)
            if vector is None:
                continue
            judged += 1
            lines = ready.compare(vector)[1]
            wrong += bool(lines)
            if lines and wrong <= 10:
                sys.stdout.write(f"libfuzzer: difference:\n  {dump_vector(vector)}\n" + "".join(f"    {line}\n" for line in lines))
    sys.stdout.write(f"libfuzzer: {judged:,} inputs that reached something new, through three parsers: {wrong} differences\n")
    return 1 if wrong else 0
