"""Words of a fixed list that may also come from the case table: names of keys and of signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.load.names import Names
from harness.load.node import Node, nearest
from harness.load.shape import Schema
from harness.model.template import Reference, Template

_PLACEHOLDER: Final[Schema] = {"type": "string", "pattern": r"^\$\{[^}]+\}$"}


def word_schema(words: Sequence[str]) -> Schema:
    return {"oneOf": [{"enum": list(words)}, _PLACEHOLDER]}


def bind_word(node: Node, names: Names, words: Sequence[str], listed: str) -> Template | None:
    """One of the words, or a placeholder that stands for one of them in every case. ``listed`` tells a reader what there is."""
    if not isinstance(node.value, str) or "${" not in node.value:
        word = node.text()
        if word is not None and word not in words:
            meant = nearest(word, words)
            node.report("H2103", f'"{node.key}" cannot be "{word[:30]}"', f'did you mean "{meant}"? It is {listed}' if meant else f"it is {listed}")
            return None
        return None if word is None else Template(word, (word,))
    template = node.template(names)
    if template is None:
        return None
    whole = len(template.parts) == 1 and isinstance(template.parts[0], Reference)
    values = names.values_of(template) if whole else ()
    wrong = next((value for value in values if value not in words), None)
    if not values:
        node.report("H2103", f'"{node.key}" can only be a placeholder for one case column', f"it is {listed}")
    elif wrong is not None:
        node.report("H2103", f'"{node.key}" cannot be "{wrong}", which a case says', f"it is {listed}")
    else:
        return template
    return None
