"""What the engine adds to a cell over the bare start of the same program, measured in blocks, in random order.

A block runs the engine over many cells, over a single one, and starts the program as often without it. A cell's price is the slope between the two runs of
the engine: what a run costs once falls out. The estimate is the Hodges-Lehmann difference of slope and bare start in milliseconds per cell; drift of the
machine meets all sides of a block alike. Blocks go on until the interval is narrow, whatever it says: a moment in which the machine is noisy costs more of
them, and a quiet one no more than needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns
from typing import Final

from harness.perf.errors import ToolError
from harness.perf.plan import block_order
from harness.perf.record import Overhead
from harness.perf.stats import hodges_lehmann

MANY: Final = "many"
ONE: Final = "one"
BARE: Final = "bare"
LEAST: Final = 6
"""Blocks without which there is no 95 % interval."""
MOST: Final = 12
NARROW: Final = 0.8
"""Milliseconds to either side of the middle of the interval; the budget is more than twice as far from what is measured."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The three sides of a block. ``many`` runs ``cells`` more cells than ``one`` does; ``bare`` starts the program ``cells`` times."""

    many: Callable[[], None]
    one: Callable[[], None]
    bare: Callable[[], None]
    cells: int


def overhead(sides: Sides, *, seed: int, least: int = LEAST, most: int = MOST, clock: Callable[[], int] = perf_counter_ns) -> Overhead:
    """The difference per cell, over at least ``least`` and at most ``most`` blocks."""
    run = {MANY: sides.many, ONE: sides.one, BARE: sides.bare}
    ours: list[float] = []
    theirs: list[float] = []
    while True:
        taken: dict[str, float] = {}
        for side in block_order(seed, "overhead", len(ours), run):
            started = clock()
            run[side]()
            taken[side] = (clock() - started) / 1e6
        ours.append((taken[MANY] - taken[ONE]) / sides.cells)
        theirs.append(taken[BARE] / sides.cells)
        found = hodges_lehmann([mine - other for mine, other in zip(ours, theirs, strict=True)])
        narrow = found.at95 is not None and found.at95.half_width <= NARROW
        if len(ours) >= most or (len(ours) >= least and narrow):
            return Overhead(len(ours), sides.cells, median(ours), median(theirs), found)


def bare_starts(argv: Sequence[str], environment: Mapping[str, str], code: int = 0) -> Callable[[int], None]:
    """Starts ``argv`` as barely as the system can, stdin and both outputs on the null device, and waits; a wrong exit code is an error."""
    actions = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]

    def start(times: int) -> None:
        for _ in range(times):
            child = os.posix_spawn(argv[0], list(argv), environment, file_actions=actions)
            _, status = os.waitpid(child, 0)
            ended = os.waitstatus_to_exitcode(status)
            if ended != code:
                raise ToolError(f"{argv[0]} ended with {ended} instead of {code} while the harness overhead was measured")

    return start
