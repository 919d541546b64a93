"""Help pages and usage errors of a node at the width of this terminal."""

from __future__ import annotations

from omnirelay import system
from omnirelay._generated import registry
from omnirelay.grammar import Node, Refused
from omnirelay.render import help_page


def help_text(node: Node) -> str:
    """The help page of a node."""
    width = help_page.width_for(system.columns())
    return help_page.page(node.path, node.usage, registry.page(node.path), width)


def refusal_text(refusal: Refused) -> str:
    """What Typer prints for a usage error; colour codes out of the arguments only reach a terminal."""
    parts = []
    node = refusal.node
    if node is not None:
        width = help_page.width_for(system.columns())
        parts.append(help_page.usage(node.path, node.usage, width))
        parts.append(f"\nTry '{node.path} --help' for help.\n\n")
    parts.append("Error: " + refusal.message + refusal.suffix + "\n")
    text = "".join(parts)
    return text if system.is_terminal(system.STDERR) else without_colour(text)


def without_colour(text: str) -> str:
    """`text` without sequences such as ESC [ 1 ; 31 m."""
    start = text.find("\x1b[")
    if start < 0:
        return text
    kept = []
    position = 0
    while start >= 0:
        end = start + 2
        while end < len(text) and text[end] in ";?0123456789":
            end += 1
        if end < len(text) and text[end].isascii() and text[end].isalpha():
            kept.append(text[position:start])
            position = end + 1
        start = text.find("\x1b[", max(start + 1, position))
    kept.append(text[position:])
    return "".join(kept)
