"""The order of a session follows from its seed alone, and a slow arm takes part as seldom as its share of the time allows."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.perf.plan import block_order, planned_arms, round_order, strides, takes_part

NAMES = st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=1, max_size=6, unique=True)


@given(st.integers(0, 2**64), NAMES, st.integers(-5, 500))
def test_an_order_is_a_permutation_and_depends_on_the_seed_not_on_the_listing(seed: int, arms: list[str], block: int) -> None:
    order = block_order(seed, "cell", block, arms)
    assert sorted(order) == sorted(arms)
    assert order == block_order(seed, "cell", block, reversed(arms))


def test_a_known_seed_gives_a_known_order() -> None:
    """A recorded session can be repeated in the same order by any later version."""
    orders = [block_order(7, "version", block, ["native", "frozen", "hello"]) for block in range(6)]
    assert orders == [
        ("hello", "native", "frozen"),
        ("frozen", "native", "hello"),
        ("hello", "native", "frozen"),
        ("hello", "frozen", "native"),
        ("frozen", "native", "hello"),
        ("hello", "frozen", "native"),
    ]
    assert round_order(7, 0, ["a", "b", "c"]) == round_order(7, 0, ["c", "b", "a"])


def test_every_order_comes_up_about_as_often() -> None:
    counted = Counter(block_order(1, "cell", block, ["a", "b", "c"]) for block in range(6000))
    assert len(counted) == 6
    # Six cells of 1000: five standard deviations are 145.
    assert all(abs(times - 1000) < 145 for times in counted.values())


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(1e-4, 2), min_size=1, max_size=7), st.floats(0.5, 60), st.integers(7, 20))
def test_strides_give_every_arm_its_least_and_the_cheap_ones_more(costs: dict[str, float], seconds: float, least: int) -> None:
    most = 80
    found = strides(costs, seconds, dict.fromkeys(costs, least), most)
    runs = {arm: sum(takes_part(every, block) for block in range(most)) for arm, every in found.items()}
    assert set(found) == set(costs)
    assert all(count >= least for count in runs.values())
    ordered = sorted(costs, key=lambda arm: (costs[arm], arm))
    assert all(runs[cheap] >= runs[dear] for cheap, dear in pairwise(ordered))


def test_a_slow_arm_takes_part_less_often() -> None:
    costs = {"native": 0.005, "reflective": 0.3, "hello": 0.001}
    found = strides(costs, 9, dict.fromkeys(costs, 15), 80)
    assert found["native"] == found["hello"] == 1
    assert found["reflective"] > 1
    assert planned_arms(0, found) == tuple(found)
    assert "reflective" not in planned_arms(1, found)
    assert planned_arms(0, found, ("native",)) == tuple(arm for arm in found if arm != "native")
