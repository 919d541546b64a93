"""Which request it is that changes what a server holds: noted by the store at the moment of the change, because nobody else can tell.

A method says little about it: a POST may be refused or have nothing to do, and a GET may have effects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from harness.model.traffic import StateChange

_note: Final[ContextVar[Callable[[], None] | None]] = ContextVar("note", default=None)
_KEYS: Final = frozenset({"n", "method", "target", "marked"})


@contextmanager
def on_behalf_of(note: Callable[[], None]) -> Iterator[None]:
    """``note`` is called whenever something is changed inside the block, or by a task that is started in it."""
    token = _note.set(note)
    try:
        yield
    finally:
        _note.reset(token)


def note_change() -> None:
    """What the server holds has changed."""
    note = _note.get()
    if note is not None:
        note()


def changes_to_json(changes: Sequence[StateChange]) -> list[dict[str, object]]:
    return [{"n": change.number, "method": change.method, "target": change.target, "marked": change.marked} for change in changes]


def changes_from_json(value: object) -> tuple[StateChange, ...]:
    """The inverse; a ``ValueError`` for everything else."""
    if not isinstance(value, list):
        raise ValueError("changes is a list")
    return tuple(_change(item) for item in value)


def _change(item: object) -> StateChange:
    if not isinstance(item, dict) or item.keys() != _KEYS:
        raise ValueError(f"a change has exactly the keys {', '.join(sorted(_KEYS))}")
    number, method, target, marked = (item[key] for key in ("n", "method", "target", "marked"))
    if not isinstance(number, int) or not isinstance(method, str) or not isinstance(target, str) or not isinstance(marked, bool):
        raise ValueError("n is a number, method and target are texts, marked is true or false")
    return StateChange(number, method, target, marked)
