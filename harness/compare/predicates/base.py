"""What a predicate of ``json.check`` is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from harness.compare.jsonpath import Selection
from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key


class Predicate(Protocol):
    """One predicate. Implementations hold no state."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> Key: ...

    def bind(self, node: Node, names: Names) -> object | None:
        """What is wanted, as a value tree; None after every mistake was reported."""
        ...

    def check(self, wanted: object, selection: Selection) -> Iterator[str]:
        """One sentence for each deviation."""
        ...


def nothing(selection: Selection) -> Iterator[str]:
    """A path that leads to nothing satisfies no predicate but ``absent``: a check that looks at nothing proves nothing."""
    yield from (f"{place} is missing" for place in selection.missing[:5])
    if len(selection.missing) > 5:
        yield f"{selection.path.source} is missing in {len(selection.missing) - 5} more places"
    if not selection.missing and not selection.found:
        yield f"{selection.path.source} selects nothing"
