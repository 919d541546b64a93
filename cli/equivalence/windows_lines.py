"""Command lines of Windows and the words that they are: what Microsoft documents for its C runtime, and that nothing else is done to them.

The words stand behind the program's name, in a folder of the files `FILES`, with the variables `VARIABLES` set.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

FILES = ("alpha.txt", "beta.txt", "a b.txt", "words.rsp", "~")
VARIABLES = {"OMNIRELAY_PROBE": "expanded", "USERPROFILE": "C:\\users\\probe"}


@dataclass(frozen=True, slots=True)
class Line:
    """What is written behind the program's name, and the words that arrive."""

    text: str
    words: tuple[str, ...]


DOCUMENTED = (
    # The tables of "Parsing C command-line arguments".
    Line(r'"a b c" d e', ("a b c", "d", "e")),
    Line(r'"ab\"c" "\\" d', ('ab"c', "\\", "d")),
    Line(r'a\\\b d"e f"g h', (r"a\\\b", "de fg", "h")),
    Line(r"a\\\"b c d", ('a\\"b', "c", "d")),
    Line(r'a\\\\"b c" d e', ("a\\\\b c", "d", "e")),
    Line(r'a"b"" c d', ('ab" c d',)),
    Line(r'"a\\b c"', (r"a\\b c",)),
    Line(r'"\"hello\""', ('"hello"',)),
    Line(r'"a \"b\" c"', ('a "b" c',)),
)

BEYOND = (
    Line("", ()),
    Line(" \t ", ()),
    Line("a\tb \t c", ("a", "b", "c")),
    Line('""', ("",)),
    Line('"" "" a ""', ("", "", "a", "")),
    Line('a""b', ("ab",)),
    Line('"""a"""', ('"a"',)),
    Line('""""', ('"',)),
    Line('"a b', ("a b",)),
    Line('"a b\t', ("a b\t",)),
    Line('"a"b" c', ("ab c",)),
    Line("a\\", ("a\\",)),
    Line('"a\\\\" b', ("a\\", "b")),
    Line("C:\\tmp\\ \\\\host\\share\\", ("C:\\tmp\\", "\\\\host\\share\\")),
    Line("line\nfeed \x0bx\x0c", ("line\nfeed", "\x0bx\x0c")),
    Line("\u00a0 \u2003x", ("\u00a0", "\u2003x")),
    Line('\ud83d""\ude00 \ud83d" "\ude00', ("\U0001f600", "\ud83d \ude00")),
)

UNTOUCHED = (
    "*", "*.txt", "?lpha.txt", "[ab]*.txt", "**", ".\\*.txt", "a*", "%OMNIRELAY_PROBE%", "$OMNIRELAY_PROBE", "${OMNIRELAY_PROBE}",
    "!OMNIRELAY_PROBE!", "~", "~\\x", "~/x", "~root", "@words.rsp", "@@x", "/?", "/h", "--opt:value", "[suggest]", "'a", "b'", "a^b", "a&b", "a|b",
    "<in", ">out", "%%", "$", "`x`", "{a,b}", "a;b", "a,b", "#x", "é", "日本", "\U0001f600", "e\u0301", "\ufeffx", "\uffff", "x\ud83d", "\ude00x",
    "\udc80", "\ude00\ud83d", "\x01\x1b[31m\x7f",
)  # fmt: skip
"""Words that mean something to some shell or runtime, and nothing here."""

_PIECES = ("a", "b", "\\", "\\", '"', '"', " ", "\t", "*", "é", "\U0001f600", "\ud83d")


def lines(random_ones: int = 200, seed: int = 43) -> Iterator[Line]:
    """All of them, and random ones whose words follow from the rules as they are written down in `split`."""
    yield from DOCUMENTED
    yield from BEYOND
    for word in UNTOUCHED:
        yield Line(word, (word,))
        yield Line(f'"{word}" x{word}', (word, "x" + word))
    every = (*UNTOUCHED, "", "a b", "a\\", 'a"', 'a\\" b\\', "\\\\")
    yield Line(subprocess.list2cmdline(every), every)
    maker = random.Random(seed)
    for _ in range(random_ones):
        text = "".join(maker.choice(_PIECES) for _ in range(maker.randint(1, 24)))
        yield Line(text, tuple(split(text)))


def split(text: str) -> list[str]:
    """The words of what stands behind the program's name: a second statement of the rules, to hold the C against."""
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in " \t":
            at += 1
        if at == len(text):
            return words
        word, at = _word(text, at)
        words.append(word)


def _word(text: str, at: int) -> tuple[str, int]:
    word = ""
    quoted = False
    while at < len(text) and (quoted or text[at] not in " \t"):
        rest = text[at:]
        slashes = len(rest) - len(rest.lstrip("\\"))
        if rest[slashes : slashes + 1] != '"':
            taken = max(slashes, 1)
            word, at = word + rest[:taken], at + taken
            continue
        word, at = word + "\\" * (slashes // 2), at + slashes + 1
        if slashes % 2:
            word += '"'
        elif quoted and text[at : at + 1] == '"':
            word, at = word + '"', at + 1
        else:
            quoted = not quoted
    return word, at
