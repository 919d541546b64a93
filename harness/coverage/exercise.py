"""What a run exercised: the command line, the end and the error output of every program that a passed cell started.

Each process of a run writes its own file of JSON lines while it runs, because 50,000 cells must not wait in memory; the controller puts them together,
sorted and each line once, under a header that says how much of the suite it is.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from harness.coverage.errors import CoverageError
from harness.model.observation import Exit, Observation
from harness.report.files import write_text
from harness.strict_json import no_constant, unique

NAME: Final = "exercised.jsonl"
FORMAT: Final = 1
_PART: Final = "exercised-"
_MOST_STDERR: Final = 4096
_MOST_LINE: Final = 4 * 1024 * 1024
_MOST_LINES: Final = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Exercise:
    """One program that ran to its end, or -1 where nobody waited for it."""

    arguments: tuple[str, ...]
    exit: int
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Exercised:
    """All of them, and what they are taken from."""

    source: str
    whole: bool
    """Every case of the suite was run."""
    exercises: tuple[Exercise, ...]


def exercise_of(observation: Observation, prefix: int) -> Exercise | None:
    """An observation as an exercise; ``prefix`` words of its command line are not arguments. None for a step that started no program."""
    if not observation.argv:
        return None
    said = observation.stderr if observation.terminal is None else observation.terminal
    return Exercise(observation.argv[prefix:], exit_code(observation.exit), said[:_MOST_STDERR].decode("utf-8", "backslashreplace"))


def exit_code(end: Exit | None) -> int:
    """The code as a shell tells it: a program that was ended by a signal has 128 and its number."""
    if end is None:
        return -1
    if end.signal is None:
        return -1 if end.code is None else end.code
    try:
        return 128 + signal.Signals[f"SIG{end.signal}"].value
    except KeyError:
        return -1


class ExerciseLog:
    """Written by one process of a run."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{_PART}{os.getpid()}.jsonl"
        self._file: IO[str] | None = None
        self._known: set[int] = set()

    def add(self, observations: Sequence[Observation], prefix: int) -> None:
        for observation in observations:
            exercise = exercise_of(observation, prefix)
            # A run has thousands of equal ones; a collision of two hashes loses a line, and no more than that.
            if exercise is None or hash(exercise) in self._known:
                continue
            self._known.add(hash(exercise))
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="\n")
            self._file.write(_line({"arguments": list(exercise.arguments), "exit": exercise.exit, "stderr": exercise.stderr}))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def put_together(folder: Path, source: str, *, whole: bool) -> None:
    """One file in place of those of the processes."""
    parts = sorted(folder.glob(f"{_PART}*.jsonl"))
    lines = sorted({line for part in parts for line in part.read_text("utf-8").splitlines(keepends=True)})
    write_text(folder / NAME, [_line({"format": FORMAT, "source": source, "whole": whole}), *lines])
    for part in parts:
        part.unlink()


def _line(value: dict[str, object]) -> str:
    # ASCII, because an argument may be what UTF-8 cannot write.
    return json.dumps(value) + "\n"


def read(path: Path) -> Exercised:
    """What a run exercised; ``CoverageError`` for anything else than such a file."""
    try:
        with path.open("rb") as file:
            lines = list(_lines(path, file))
    except OSError as error:
        raise CoverageError(f"{path}: cannot be read: {error.strerror}; run the scenarios first") from None
    if not lines:
        raise CoverageError(f"{path}: is empty; run the scenarios again")
    header, *rest = lines
    if header.get("format") != FORMAT or not isinstance(header.get("whole"), bool) or not isinstance(header.get("source"), str):
        raise CoverageError(f"{path}:1: is no header of format {FORMAT}; run the scenarios again")
    exercises = (_exercise(line, f"{path}:{number}") for number, line in enumerate(rest, start=2))
    return Exercised(str(header["source"]), header["whole"] is True, tuple(exercises))


def _lines(path: Path, file: Iterable[bytes]) -> Iterator[dict[str, object]]:
    for number, raw in enumerate(file, start=1):
        if number > _MOST_LINES or len(raw) > _MOST_LINE:
            raise CoverageError(f"{path}:{number}: is larger than what a run writes; run the scenarios again")
        try:
            line = json.loads(raw, object_pairs_hook=unique, parse_constant=no_constant)
        except (ValueError, RecursionError) as error:
            raise CoverageError(f"{path}:{number}: is not JSON ({error}); run the scenarios again") from None
        if not isinstance(line, dict):
            raise CoverageError(f"{path}:{number}: is not a JSON object; run the scenarios again")
        yield line


def _exercise(line: dict[str, object], where: str) -> Exercise:
    arguments, code, stderr = line.get("arguments"), line.get("exit"), line.get("stderr")
    if not isinstance(arguments, list) or not all(isinstance(word, str) for word in arguments):
        raise CoverageError(f"{where}: arguments must be a list of texts; run the scenarios again")
    if not isinstance(code, int) or isinstance(code, bool) or not isinstance(stderr, str):
        raise CoverageError(f"{where}: exit must be a whole number and stderr a text; run the scenarios again")
    return Exercise(tuple(arguments), code, stderr)
