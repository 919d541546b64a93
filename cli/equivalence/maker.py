"""Argument vectors by chance, out of the real command tree: typing slips, `=`, clusters, `--`, missing and repeated values, unusual characters."""

from __future__ import annotations

import random
from collections.abc import Mapping

from cli.equivalence.vector import STDOUT, Vector, settled
from cli.generator.model import Command

VALUES = (
    "http://127.0.0.1:9", "5s", "table", "JSON", "Table", "0", "1", "2", "xml", "", " ", "-", "--", "-u", "--url", "=", "a=b", "text", "TEXT",
    "ﬀ", "İ", "\u1e9e", "tab\tle", "line\nbreak", "it's", '"', "\\", "\x1b[31mred\x1b[0m", "\x1b[", "\udcff", "漢字", "--format=json", "-y", "json ", "jſon",
)  # fmt: skip
COLUMNS = (
    "80", "40", "52", "53", "57", "58", "60", "79", "200", "0", "-5", "x", "", " 66 ", "6_6", "1e2", None, "\u0666\u0660", "\u20057\u2009", "6\u00a00",
    "+7_2", "_7", "7_", "+ 7", "-", "+", "7\x1c", "\x1f7", "\u0666\x1c", "\x7f7", "9" * 4300, "9" * 4301, "\udcff7",
)  # fmt: skip
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
        name = self.random.choice([name for name, _ in command.long] + [name for name, _ in command.short])
        if self.random.random() < 0.12:
            name = self.slip(name)
        value = self.random.choice(VALUES)
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
