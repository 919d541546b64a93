"""The hash, the checksums and the placement of shards give the values that the contract worked out beforehand."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.servers.control_plane.shards.model import Record, ShardStatus, invariant
from harness.servers.control_plane.shards.strategies import MAX_POINTS, STRATEGIES, PlacementNode, RingTooLarge
from harness.servers.control_plane.shards.xxhash64 import xxhash64

A, B, C = PlacementNode("node-a"), PlacementNode("node-b", 1.5), PlacementNode("node-c", 0.8)


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "EF46DB3751D8E999"),
        ("a", "D24EC4F1A98C6E5B"),
        ("mesh.feature/shard-000::node-a", "8291BFF9BE01A9B4"),
        ("node-a#0", "D90CF72DEC758D28"),
        ("mesh.feature/shard-000", "FFDFEF00C7A1B76E"),
        ("Nobody inspects the spammish repetition", "FBCEA83C8A378BF1"),
    ],
)
def test_the_hash_is_that_of_the_published_vectors(text: str, digest: str) -> None:
    assert f"{xxhash64(text.encode()):016X}" == digest


@given(st.binary(max_size=200))
def test_the_hash_is_a_number_of_64_bits(data: bytes) -> None:
    assert 0 <= xxhash64(data) < 2**64
    assert xxhash64(data) != xxhash64(data + b"\0")


@pytest.mark.parametrize(
    ("record", "digest"),
    [
        (Record("mesh.feature", "shard-000", "node-a", leader="node-a", ticket="chg-feature-000"), "5B1081CD00E44E9C"),
        (Record("mesh.control", "shard-01", "node-a", "ring", "node-a", ticket="chg-001"), "B88C25599F7314FB"),
        (Record("mesh.control", "shard-01", "node-a", "ring", capacity=1.5, status=ShardStatus.PAUSED), "DF7B25926ABAB09D"),
        (Record("mesh.control", "shard-01", "node-a", checksum="0" * 16), "0" * 16),
    ],
)
def test_checksums(record: Record, digest: str) -> None:
    assert record.digest() == digest


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1"), (1.0, "1"), (1.5, "1.5"), (0.1, "0.1"), (0.0001, "0.0001"), (0.00001, "1E-05"), (1e12, "1000000000000"), (0, "0")]
)
def test_numbers_in_their_shortest_form(number: float, text: str) -> None:
    assert invariant(number) == text


def owners(strategy: str, nodes: list[PlacementNode], keys: list[str], hint: str | None = None) -> list[str]:
    place = STRATEGIES[strategy](nodes)
    return [place(key, hint) for key in keys]


def short(names: list[str]) -> str:
    return "".join(name.removeprefix("node-") for name in names)


def test_rendezvous_and_ring_over_four_shards() -> None:
    keys, nodes = [f"mesh.feature/shard-{index:03d}" for index in range(4)], [A, PlacementNode("node-b", 0.8)]
    assert short(owners("rendezvous", nodes, keys)) == "aaba"
    assert short(owners("ring", nodes, keys)) == "bbbb"


def test_rendezvous_follows_the_weights() -> None:
    keys = [f"mesh.telemetry/{index:03d}" for index in range(200)]
    assert Counter(owners("rendezvous", [A, PlacementNode("node-b", 4)], keys)) == {"node-a": 28, "node-b": 172}


def test_rendezvous_and_ring_over_three_nodes() -> None:
    assert short(owners("rendezvous", [A, B, C], [f"mesh.registry/{index:02d}" for index in range(8)])) == "baaaabab"
    keys = [f"mesh.control/{index:02d}" for index in range(32)]
    assert short(owners("ring", [A, B, C], keys)) == "acaacbbbcabcacbcbbbbcbaabcbababb"
    assert short(owners("ring", [C, B, A], keys)) == "acaacbbbcabcacbcbbbbcbaabcbababb"


@pytest.mark.parametrize(("lower", "higher"), [("a", "b"), ("\U0001f600", "\ufffd")])
def test_equal_scores_go_to_the_ordinal_lower_id(lower: str, higher: str) -> None:
    hashes = {name: xxhash64(f"n/1::{name}".encode()) for name in (lower, higher)}
    # The weight that makes the other one's score the same, but for the rounding of the last bit.
    nodes = [PlacementNode(lower, hashes[higher] / hashes[lower]), PlacementNode(higher)]
    assert owners("rendezvous", nodes, ["n/1"]) == owners("rendezvous", nodes[::-1], ["n/1"]) == [lower]


@pytest.mark.parametrize(
    ("hint", "candidates"),
    [
        ("iad/iad-1", {"one"}),
        ("IAD/IAD-2", {"two"}),
        ("zone:phx-1", {"three"}),
        ("region:iad", {"one", "two"}),
        ("iad", {"one", "two"}),
        ("iad/gone", {"one", "two"}),
        ("nowhere", {"one", "two", "three"}),
        ("zone:", {"one", "two", "three"}),
        (None, {"one", "two", "three"}),
    ],
)
def test_locality_prefers_zone_then_region_then_anything(hint: str | None, candidates: set[str]) -> None:
    nodes = [
        PlacementNode("one", region="iad", zone="iad-1"),
        PlacementNode("two", region="iad", zone="iad-2"),
        PlacementNode("three", region="phx", zone="phx-1"),
    ]
    keys = [f"n/{index}" for index in range(40)]
    assert set(owners("locality", nodes, keys, hint)) == candidates
    if candidates == {"one", "two", "three"}:
        assert owners("locality", nodes, keys, hint) == owners("rendezvous", nodes, keys)


def test_a_ring_has_an_end() -> None:
    weight = MAX_POINTS / 64
    STRATEGIES["ring"]([PlacementNode("a", weight / 50)] * 2)
    for nodes in ([PlacementNode("a", weight + 1)], [PlacementNode("a", 1e308)], [PlacementNode("a", weight / 2 + 1)] * 2):
        with pytest.raises(RingTooLarge, match="lower the weights"):
            STRATEGIES["ring"](nodes)


@given(st.lists(st.builds(PlacementNode, st.text(min_size=1, max_size=4), st.floats(-5, 5)), min_size=1, max_size=5), st.text(max_size=8))
def test_every_strategy_places_on_one_of_the_nodes(nodes: list[PlacementNode], key: str) -> None:
    for strategy in STRATEGIES.values():
        assert strategy(nodes)(key, None) in {node.node_id for node in nodes}


def test_half_a_point_counts_as_one_away_from_zero() -> None:
    # 2.5 points are 3, where rounding to even would give 2; without the third, these keys would stay with the other node.
    keys = [f"n/{index}" for index in range(300)]
    halved, whole = (owners("ring", [PlacementNode("a", weight), PlacementNode("b", 1)], keys) for weight in (2.5 / 64, 3 / 64))
    assert halved == whole != owners("ring", [PlacementNode("a", 2 / 64), PlacementNode("b", 1)], keys)
