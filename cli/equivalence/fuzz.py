"""The differential fuzz: random vectors through all three parsers, zero differences allowed.

The work is cut into pieces that the seed and their number fix, so that a run finds the same with any number of processes.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.equivalence.corpus import dump_vector
from cli.equivalence.maker import Maker
from cli.equivalence.parsers import FOUND, Parsers, command_tree, parsers
from cli.equivalence.shrink import shrink
from cli.equivalence.vector import Seen, Vector

PIECE = 2_000
_SAY_EVERY = 5.0
REFUSALS = (
    "No such option", "No such command", "Did you mean", "Possible", "not one of", "not a valid integer", "extra argument ", "extra arguments ", "requires",
    "Missing", "does not take",
)  # fmt: skip
"""One part of each text with which a vector can be refused."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A vector that the parsers read differently, as small as it gets."""

    vector: Vector
    lines: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What a run came to; `reached` counts verbs, actions and kinds of refusals, because vectors that reach little prove little."""

    vectors: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Adds the result of another piece."""
        self.vectors += other.vectors
        self.reached.update(other.reached)
        self.differences += other.differences


def run_piece(ready: Parsers, seed: int, number: int, size: int = PIECE) -> Tally:
    """Piece `number` of the run that `seed` fixes; it ends at the first difference."""
    maker = Maker(command_tree(), f"{seed}:{number}")
    tally = Tally()
    for _ in range(size):
        vector = maker.vector()
        seen, lines = ready.compare(vector)
        tally.vectors += 1
        if lines:
            small = shrink(vector, lambda candidate: bool(ready.compare(candidate)[1]))
            tally.differences.append(Difference(small, tuple(ready.compare(small)[1])))
            return tally
        _note(tally.reached, seen)
    return tally


def _note(reached: Counter[str], seen: Seen) -> None:
    reached[seen.path or seen.action] += 1
    reached.update(text for text in REFUSALS if text in seen.stderr)


_LIFE = ExitStack()
"""What a worker process holds until it ends."""


@cache
def _worker_parsers() -> Parsers:
    """Those of this worker process, for as long as it lives."""
    # The file is not needed any more as soon as the library is loaded.
    with TemporaryDirectory(prefix="omnirelay-front-") as place:
        return _LIFE.enter_context(parsers(Path(place)))


def _work(seed: int, number: int, size: int) -> Tally:
    return run_piece(_worker_parsers(), seed, number, size)


def run(vectors: int, seconds: float, seed: int, workers: int) -> int:
    """Runs until so many vectors agree, the time is over, or a difference is found. Prints progress; 0 when there is no difference."""
    sys.stdout.write(f"fuzz: {vectors:,} vectors through three parsers, seed {seed}\n")
    started = time.monotonic()
    tally = Tally()
    said = started
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for piece in _pieces(pool, vectors, seed, workers, started + seconds):
            tally.add(piece)
            now = time.monotonic()
            if now - said >= _SAY_EVERY:
                said = now
                sys.stdout.write(f"fuzz: {tally.vectors:,} of {vectors:,} vectors, {tally.vectors / (now - started):,.0f} a second, no difference\n")
                sys.stdout.flush()
            if tally.differences:
                break
        pool.shutdown(cancel_futures=True)
    return report(tally, vectors, seed, time.monotonic() - started)


def _pieces(pool: ProcessPoolExecutor, vectors: int, seed: int, workers: int, end: float) -> Iterator[Tally]:
    """Results as they come in; at most two pieces a worker are under way."""
    sizes = (min(PIECE, vectors - start) for start in range(0, vectors, PIECE))
    waiting: set[Future[Tally]] = set()
    numbers = count()
    for size in sizes:
        waiting.add(pool.submit(_work, seed, next(numbers), size))
        if len(waiting) >= 2 * workers:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
        if time.monotonic() > end:
            break
    yield from (future.result() for future in waiting)


def report(tally: Tally, asked: int, seed: int, seconds: float) -> int:
    """Prints the result; 0 when there is no difference."""
    rate = tally.vectors / max(seconds, 0.001)
    for difference in tally.differences:
        sys.stdout.write(f"fuzz: difference (seed {seed}):\n  {dump_vector(difference.vector)}\n")
        sys.stdout.writelines(f"    {line}\n" for line in difference.lines)
        sys.stdout.write(f"  when it is repaired, add the first line to {FOUND.name} in cli/tests/vectors and run: python -m cli.equivalence record\n")
    if tally.differences:
        return 1
    short = "" if tally.vectors == asked else f" of {asked:,}, then the time was over"
    sys.stdout.write(f"fuzz: {tally.vectors:,} vectors{short}, {rate:,.0f} a second, seed {seed}: no difference\n")
    return 0
