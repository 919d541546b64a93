"""How the native program reads a command line of Windows: the rules of the C runtime, stated twice, and the C under sanitizers.

`make windows-front` asks a real C runtime, too, and takes the words from a real command line.
"""

from __future__ import annotations

import itertools
import os
import random
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.equivalence import sanitized, windows_lines
from cli.equivalence.windows_build import DRIVERS
from cli.equivalence.windows_lines import split
from cli.publish.compile import OWN_WARNINGS
from cli.publish.front_sources import FRONT

MISSING = sanitized.missing()
if MISSING and os.environ.get("CI") == "true":
    raise RuntimeError(f"the sanitizer tests cannot run: {MISSING}")
needs_clang = pytest.mark.skipif(bool(MISSING), reason=f"not run: {MISSING}")

PROGRAM = '"C:\\Program Files\\omnirelay.exe"'


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C with sanitizers in it."""
    made = tmp_path_factory.mktemp("windows-words") / "words_replay"
    sources = (DRIVERS / "words_replay.c", FRONT / "windows_words.c")
    checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    subprocess.run(["clang", "-std=c11", "-g", "-O1", *checks, *OWN_WARNINGS, f"-I{FRONT}", *sources, "-o", made], check=True)
    return made


def words_of(program: Path, lines: list[str]) -> list[list[str]]:
    """What the C makes of whole command lines."""
    units = [line.encode("utf-16-le", "surrogatepass") for line in lines]
    send = b"".join(struct.pack("=I", len(line) // 2) + line for line in units)
    done = subprocess.run([program], input=send, capture_output=True, env=sanitized.environment(), check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return list(_words(done.stdout))


def _words(data: bytes) -> Iterator[list[str]]:
    at = 0
    while at < len(data):
        (count,) = struct.unpack_from("=I", data, at)
        at += 4
        words = []
        for _ in range(count):
            end = data.index(b"\0", at)
            words.append(data[at:end].decode("utf-8", "surrogatepass"))
            at = end + 1
        yield words


def as_units(word: str) -> str:
    """A pair of surrogates beside each other is the character that they stand for: a line consists of 16-bit units."""
    return word.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@needs_clang
def test_every_short_line_is_taken_apart_by_the_rules(replay: Path) -> None:
    tails = ["".join(signs) for length in range(8) for signs in itertools.product('a \\"', repeat=length)]
    expected = [split(tail) for tail in tails]
    assert words_of(replay, [f"{PROGRAM} {tail}" for tail in tails]) == expected
    assert len(tails) > 20_000


@needs_clang
def test_documented_lines_and_words_of_all_kinds(replay: Path) -> None:
    lines = list(windows_lines.lines(random_ones=3000))
    assert words_of(replay, [f"{PROGRAM} {line.text}" for line in lines]) == [list(map(as_units, line.words)) for line in lines]


@needs_clang
def test_any_units_are_some_words(replay: Path) -> None:
    maker = random.Random(7)
    pool = [*range(1, 0x80), 0xE9, 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0xFFFF]
    tails = ["".join(chr(maker.choice(pool)) for _ in range(maker.randint(0, 60))) for _ in range(4000)]
    assert words_of(replay, [f"x {tail}" for tail in tails]) == [list(map(as_units, split(as_units(tail)))) for tail in tails]


@needs_clang
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("omnirelay", []),
        ('"C:\\a b\\omnirelay.exe"', []),
        ('"C:\\a b\\omnirelay.exe" x', ["x"]),
        ('"C:\\a b\\"omni"relay.exe" x y', ["x", "y"]),
        ('"C:\\a b\\"omni"relay.exe x y', []),
        ('"C:\\a b\\"omnirelay.exe x y', ["x", "y"]),
        ("C:\\omnirelay.exe\tx", ["x"]),
        ('C:\\path\\" x', []),
        ('"never closed x', []),
        (" x y", ["x", "y"]),
    ],
)
def test_the_name_of_the_program_is_read_by_its_own_rule(replay: Path, line: str, words: list[str]) -> None:
    assert words_of(replay, [line]) == [words]


@needs_clang
def test_the_longest_line_and_the_most_words(replay: Path) -> None:
    most = 32766
    lines = ["p " + "\uffff" * (most - 2), "p" + " a" * (most // 2 - 1), "p " + '""' * (most // 2 - 1), "p " + "\\" * (most - 2), "p " + '" ' * (most // 2 - 1)]
    assert words_of(replay, lines) == [split(line[1:]) for line in lines]


@given(st.lists(st.text(alphabet='ab \t\\"*é\U0001f600', max_size=8), max_size=6))
def test_quoting_as_the_standard_library_does_it_is_undone(words: list[str]) -> None:
    """A statement of the rules that neither of ours was made from."""
    assert split(subprocess.list2cmdline(words)) == words
