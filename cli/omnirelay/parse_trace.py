"""What each word of an argument vector was taken for, told by the grammar while it reads. Used by `omnirelay explain` only.

A position is counted from what is left to read, because a value that hangs on its option is put back in front and taken
again: such a value belongs to the word of its option.
"""

from __future__ import annotations

from omnirelay.grammar import words_parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay.grammar import Node


class Trace:
    """`roles[position]` lists (role, name) of a word, in the order in which they were found; `node` is the last one reached."""

    __slots__ = ("node", "roles")

    def __init__(self, root: Node, words: list[str]) -> None:
        self.node = root
        self.roles: list[list[tuple[str, str]]] = [[] for _ in words]

    def command(self, left: int, node: Node, name: str) -> None:
        """A word named `node`."""
        self.node = node
        self._note(left, "command", name)

    def option(self, left: int, node: Node, index: int) -> None:
        """A word, or a letter of it, named an option."""
        self._note(left, "option", label(node, index))

    def value(self, left: int, node: Node, index: int) -> None:
        """The next word, or what hung on the option, is taken as a value; with nothing left the option goes without."""
        if left:
            self._note(left, "value", label(node, index))

    def separator(self, node: Node, behind: list[str]) -> None:
        """A word was `--`: what is behind it holds no options any more."""
        left = len(behind)
        self._note(left + 1, "separator", "")
        if not node.commands:
            for before in range(left):
                self.loose(left - before, node)

    def loose(self, left: int, node: Node) -> None:
        """A word of a verb that is no option and no value."""
        taker = words_parameter(node)
        if taker is None:
            self._note(left, "extra", "")
        else:
            self._note(left, "argument", taker.name.upper())

    def unknown(self, left: int) -> None:
        """A word, or a letter of it, named nothing that is there."""
        self._note(left, "unknown", "")

    def _note(self, left: int, role: str, name: str) -> None:
        self.roles[len(self.roles) - left].append((role, name))


def label(node: Node, index: int) -> str:
    """How an operator would name a parameter: by its long name, else its short one, else in capitals for loose words."""
    for table in (node.long, node.short):
        for name, position in table.items():
            if position == index:
                return name
    return node.parameters[index].name.upper()
