"""The C front of the native program and the Python grammar agree, where vectors of the catalogue and random ones are too few: every character in the
place of a letter, escape sequences by the thousand, words of a hundred thousand characters; and the front knows the gear of every verb.

Typer is not asked, which makes room for so many; `test_cli_vectors.py` and `test_cli_vectors_fuzz.py` compare all three.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from cli.equivalence import parsers
from cli.equivalence.c_front import CFront
from cli.equivalence.catalogue import SPECIAL
from cli.equivalence.maker import VALUES
from cli.equivalence.vector import Vector, differing, settled
from omnirelay._generated import registry

MODEL = parsers.command_tree()
Agree = Callable[..., None]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parsers.Parsers]:
    with parsers.parsers(tmp_path_factory.mktemp("front")) as found:
        yield found


@pytest.fixture
def agree(ready: parsers.Parsers) -> Agree:
    python, front = ready.others

    def check(words: list[str], *terminals: int, columns: str = "80") -> None:
        vector = Vector(tuple(settled(word) for word in words), columns, 0, terminals)
        assert not list(differing("C front", python.look(vector), front.look(vector))), vector

    return check


def test_the_front_knows_the_gear_of_every_verb(ready: parsers.Parsers) -> None:
    (front,) = (parser for parser in ready.others if isinstance(parser, CFront))
    for path, command in MODEL.items():
        if command.work:
            found = front.front.look(path.split(" ")[1:], columns="80")
            assert (found.path, found.gear) == (path, command.work.gear) and registry.gear(path) == found.gear
            assert found.action == ("answer" if found.gear == "front" else "run")


def test_every_help_page_agrees_at_every_width(agree: Agree) -> None:
    for columns in range(38, 201):
        for path in MODEL:
            agree([*path.split(" ")[1:], "--help"], columns=str(columns))


@pytest.mark.parametrize("text", SPECIAL)
def test_unusual_characters_agree_wherever_they_stand(agree: Agree, text: str) -> None:
    for word in (text, text + "x", "x" + text, "-" + text, "--" + text, "--url" + text, "--" + text + "=" + text, "-u" + text, "-y" + text + "u"):
        for prefix in (
            [],
            ["mesh"],
            ["mesh", "upgrade", "drain"],
            ["mesh", "upgrade", "drain", "--format"],
            ["--"],
            ["explain", "--"],
            ["explain", "--format", "json", "--", "mesh"],
        ):
            agree([*prefix, word])
            agree([*prefix, word], 2)


def test_choices_fold_as_casefold_does(agree: Agree) -> None:
    """Every character that can stand in a choice, and a sample of those that cannot, in the place of a letter."""
    chance = random.Random(5)
    codes = [*range(1, 0x250), *range(0x1E90, 0x1EA0), 0x212A, *range(0xFB00, 0xFB07), *(chance.randrange(0xE000, 0x110000) for _ in range(300))]
    for code in codes:
        for value in ("jSon".replace("S", chr(code)), "te" + chr(code) + "xt", chr(code)):
            agree(["mesh", "upgrade", "status", "--format", value])


def test_every_character_of_a_number_is_read_as_int_does(agree: Agree) -> None:
    """Every character in front of, between, behind and in the place of the digits; most are refused, and the sample of the others is small."""
    chance = random.Random(7)
    special = [code for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000 and (chr(code).isspace() or chr(code).isdigit() or chr(code) in "+-_")]
    for code in [*range(1, 0x100), *special, *(chance.randrange(0xE000, 0x110000) for _ in range(300))]:
        for value in (f"{chr(code)}7", f"7{chr(code)}", f"7{chr(code)}7", chr(code)):
            agree(["mesh", "shards", "list", "--page-size", value])


def test_random_numbers_are_read_as_int_does(agree: Agree) -> None:
    chance = random.Random(13)
    for _ in range(5000):
        value = "".join(chance.choice("0123456789__+- \t\u2009\u0660\uff19") for _ in range(chance.randint(0, 12)))
        agree(["mesh", "shards", "diff", f"--from-version={value}"])


def test_escape_sequences_reach_terminals_only(agree: Agree) -> None:
    chance = random.Random(11)
    for _ in range(3000):
        word = "".join(chance.choice(["\x1b", "[", "\x1b[", ";", "?", "1", "m", "K", "é", "\udc9b", "x"]) for _ in range(chance.randint(0, 9)))
        agree(["mesh", word], *chance.choice([(), (2,), (1,)]))


def test_long_and_many_words_agree(agree: Agree) -> None:
    for words in (
        ["x" * 100_000], ["--" + "é" * 50_000], ["mesh", "peers", "list", *["word"] * 20_000], ["-" + "y" * 5000], ["mesh", "peer" * 38],
        ["explain", "--", *VALUES * 300], ["mesh", "upgrade", "drain", "-" + "y" * 5000], ["--" + "versio" * 20],
        ["explain", "--", "mesh", "upgrade", "drain", "-" + "y" * 500], ["mesh", "shards", "list", *["--status=a", "--status", "b"] * 10_000],
        ["explain", "--", "mesh", "shards", "simulate", *["--node", "a"] * 2_000], ["mesh", "shards", "list", "--page-size", "8_" * 50_000],
    ):  # fmt: skip
        agree(words)
