"""Argument vectors by chance, out of the real command tree: typing slips, `=`, clusters, `--`, missing and repeated values, unusual characters."""

from __future__ import annotations

import random
from collections.abc import Mapping

from cli.equivalence.vector import STDOUT, Vector, settled
from cli.generator.model import Command, Option

VALUES = (
    "http://127.0.0.1:9", "5s", "table", "JSON", "Table", "0", "1", "2", "xml", "", " ", "-", "--", "-u", "--url", "=", "a=b", "text", "TEXT",
    "ﬀ", "İ", "\u1e9e", "tab\tle", "line\nbreak", "it's", '"', "\\", "\x1b[31mred\x1b[0m", "\x1b[", "\udcff", "漢字", "--format=json", "-y", "json ", "jſon",
)  # fmt: skip
COLUMNS = (
    "80", "40", "52", "53", "57", "58", "60", "79", "200", "0", "-5", "x", "", " 66 ", "6_6", "1e2", None, "\u0666\u0660", "\u20057\u2009", "6\u00a00",
    "+7_2", "_7", "7_", "+ 7", "-", "+", "7\x1c", "\x1f7", "\u0666\x1c", "\x7f7", "9" * 4300, "9" * 4301, "\udcff7",
)  # fmt: skip
INTEGERS = (
    "0", "1", "+5", "-7", "-0", "007", "--5", "+-5", "+ 7", "1_000", "_1", "1_", "1__0", "-_1", " 7 ", "\t5\n", "\x0b5", "5\x1c", "\x1f5", "\x7f5", "\x855",
    "\u20057\u2009", "6\u00a00", "１２", "٣", "-٣", "٣_4", "\u0663\x1c", "−5", "²", "Ⅷ", "0x10", "0b1", "1e3", "5.0", "5l", "five", "", " ", "_", "\udcff7",
    "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "00000000000000000000000000000001",
)  # fmt: skip
_SIGNS = "00123456789___+-  \t\u00a0\u2009\u0660\u0669\uff11\U0001d7d8\x1cx"
_MOST_DIGITS = 4300
"""Longer numbers are refused by Python itself."""
WIDTHS = (0, 1, 40, 66, 80, 200)
TERMINALS: tuple[tuple[int, ...], ...] = ((), (), (1,), (2,), (1, 2))


class Maker:
    """A sequence of vectors that `seed` fixes."""

    def __init__(self, commands: Mapping[str, Command], seed: int | str) -> None:
        self.commands = commands
        self.random = random.Random(seed)
        self.paths = list(commands)

    def vector(self) -> Vector:
        """The next vector."""
        words = self.words()
        if self.random.random() < 0.08:
            words = ["explain", *self.random.choice([[], ["--format", "json"], ["--format=text"]]), "--", *words]
        chance = self.random
        columns = chance.choice(COLUMNS) if chance.random() < 0.3 else str(chance.randint(38, 202))
        terminals = chance.choice(TERMINALS)
        width = chance.choice(WIDTHS) if STDOUT in terminals else 0
        return Vector(tuple(settled(word) for word in words), columns, width, terminals)

    def words(self) -> list[str]:
        """The way to a command and some options of it, rarely without a slip."""
        path = self.random.choice(self.paths)
        words: list[str] = []
        root, *steps = path.split(" ")
        node = root
        for step in steps:
            if self.random.random() < 0.04:
                words += self.option(node)
            words.append(self.slip(step) if self.random.random() < 0.06 else step)
            node += " " + step
        for _ in range(self.random.choice([0, 0, 1, 1, 1, 2, 2, 3, 4])):
            words += self.option(path) if self.random.random() < 0.85 else [self.loose()]
        if self.random.random() < 0.1 and words:
            self.disturb(words)
        return words

    def option(self, path: str) -> list[str]:
        """An option of the command at `path`, in one of the ways to write it."""
        command = self.commands[path]
        name, position = self.random.choice([*command.long, *command.short])
        option = command.options[position]
        if option.repeated and self.random.random() < 0.6:
            return [word for _ in range(self.random.randint(2, 5)) for word in self.written(name, option)]
        return self.written(name, option)

    def written(self, name: str, option: Option) -> list[str]:
        """One occurrence of an option."""
        if self.random.random() < 0.12:
            name = self.slip(name)
        value = self.integer() if option.type == "integer" and self.random.random() < 0.9 else self.random.choice(VALUES)
        choice = self.random.random()
        if choice < 0.45:
            return [name, value]
        if choice < 0.65:
            return [name + "=" + value]
        if choice < 0.8:
            return [name]
        if choice < 0.9:
            return ["-" + "".join(self.random.choice("uyhx=-q") for _ in range(self.random.randint(1, 4))) + value]
        return [name + value, value]

    def integer(self) -> str:
        """A number, or what looks like one."""
        choice = self.random.random()
        if choice < 0.6:
            return self.random.choice(INTEGERS)
        if choice < 0.99:
            return "".join(self.random.choice(_SIGNS) for _ in range(self.random.randint(1, 8)))
        return self.random.choice("09") * (_MOST_DIGITS + self.random.randint(-1, 2))

    def loose(self) -> str:
        """A word that stands where none should."""
        return self.random.choice([*VALUES, "mesh", "peers", "list", "--", "-x", "?", "/h", "@file", "--help", "-h", "--version", "--artifact-info"])

    def slip(self, word: str) -> str:
        """`word` as a hurried person types it."""
        at = self.random.randrange(len(word) + 1)
        choice = self.random.random()
        if choice < 0.3:
            return word[:at] + word[at + 1 :]
        if choice < 0.6:
            return word[:at] + self.random.choice("abelstu-=é") + word[at:]
        if choice < 0.75:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        if choice < 0.9:
            return word.upper()
        return word * self.random.choice([2, 30])

    def disturb(self, words: list[str]) -> None:
        """Puts a word too many, or takes one away."""
        at = self.random.randrange(len(words) + 1)
        choice = self.random.random()
        if choice < 0.5:
            words.insert(at, self.loose())
        elif choice < 0.8:
            words.pop(min(at, len(words) - 1))
        else:
            words.insert(at, "--")
