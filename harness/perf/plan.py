"""The order of a session, fixed by its seed: which arm runs when, and how often a slow arm takes part.

An independent random permutation per block is what makes the comparison exact: under "no difference" only the coin decides the sign of a
block's difference, whatever drift, skew or neighbour the machine has. A fixed order would turn the faster second slot into bias.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence


def block_order(seed: int, cell: str, block: int, arms: Iterable[str]) -> tuple[str, ...]:
    """The arms of one block in the order they run in; depends on nothing but the arguments."""
    order = sorted(arms)
    random.Random(f"{seed}/{cell}/block {block}").shuffle(order)
    return tuple(order)


def round_order(seed: int, number: int, cells: Iterable[str]) -> tuple[str, ...]:
    """The cells of one round in the order they run in, so that each cell's blocks spread over the whole session."""
    order = sorted(cells)
    random.Random(f"{seed}/round {number}").shuffle(order)
    return tuple(order)


def strides(costs: Mapping[str, float], seconds: float, least: Mapping[str, int], most_blocks: int) -> dict[str, int]:
    """Every how many blocks an arm takes part, so that all arms together keep to ``seconds``.

    Cheap arms get all blocks first and leave what they do not need to the dearer ones; no arm is planned for fewer than its ``least``.
    """
    rest = seconds
    found: dict[str, int] = {}
    for left, arm in zip(range(len(costs), 0, -1), sorted(costs, key=lambda name: (costs[name], name)), strict=True):
        affordable = rest / left / max(costs[arm], 1e-6)
        runs = min(float(most_blocks), max(float(least[arm]), affordable))
        # Rounded up, to leave the time to the arms that are compared most precisely, but never so far that the least is missed.
        found[arm] = max(1, min(math.ceil(most_blocks / runs), most_blocks // least[arm]))
        rest = max(0.0, rest - runs * costs[arm])
    return found


def takes_part(stride: int, block: int) -> bool:
    """Whether an arm with this stride runs in this block; block 0 has every arm."""
    return block % stride == 0


def planned_arms(block: int, every: Mapping[str, int], void: Sequence[str] = ()) -> tuple[str, ...]:
    """The arms of one block, before they are put in order."""
    return tuple(arm for arm, stride in every.items() if arm not in void and takes_part(stride, block))
