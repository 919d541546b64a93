"""What the engine adds to a cell over the bare start of the same program, measured in pairs in one process, in random order.

The two sides are callables that run so many trivial cells, or so many bare starts, one after the other. Both are called in every block, so
drift of the machine meets both alike; the estimate is the Hodges-Lehmann difference in milliseconds per cell.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter_ns

from harness.perf.errors import ToolError
from harness.perf.plan import block_order
from harness.perf.record import Overhead
from harness.perf.stats import hodges_lehmann

ENGINE = "engine"
BARE = "bare"


def overhead(
    engine: Callable[[int], None],
    bare: Callable[[int], None],
    *,
    seed: int,
    blocks: int = 30,
    cells_per_block: int = 10,
    clock: Callable[[], int] = perf_counter_ns,
) -> Overhead:
    """The difference per cell between ``engine(n)`` and ``bare(n)``; the first block of each warms up and does not count."""
    sides = {ENGINE: engine, BARE: bare}
    taken: dict[str, list[float]] = {ENGINE: [], BARE: []}
    for block in range(-1, blocks):
        for side in block_order(seed, "overhead", block, sides):
            started = clock()
            sides[side](cells_per_block)
            if block >= 0:
                taken[side].append((clock() - started) / 1e6 / cells_per_block)
    differences = [ours - theirs for ours, theirs in zip(taken[ENGINE], taken[BARE], strict=True)]
    return Overhead(blocks, cells_per_block, median(taken[ENGINE]), median(taken[BARE]), hodges_lehmann(differences))


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
