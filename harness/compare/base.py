"""What an assertion kind is, and what it may ask while it checks.

The actual text is normalised, the expected one is literal. Values that a scenario inserts into an expectation (``${plane.url}``) are
normalised by the context in the same way, so that both sides speak of ``<url:plane>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key
from harness.model.step import Assertion
from harness.model.template import Template
from harness.model.verdict import Finding, GoldenUse

A = TypeVar("A", bound=Assertion)


@dataclass(frozen=True, slots=True)
class StreamText:
    """One stream of one observation: the bytes as they came, and their normalised text."""

    name: str
    raw: bytes
    text: str


class CheckContext(Protocol):
    """What the cell knows while a step is judged."""

    def stream(self, name: str, raw: bytes, written: bytes | None = None) -> StreamText:
        """The bytes of a stream with their normalised text (invalid UTF-8 decoded with ``backslashreplace``).

        Of a screen, ``written`` is what came over the terminal.
        """
        ...

    def resolve(self, template: Template) -> str:
        """The text of a template; every inserted value is normalised, the literal parts are not."""
        ...

    def resolve_value(self, value: object) -> object:
        """A value tree (``fill_value``); every inserted string is normalised."""
        ...

    def golden_key(self, step: str, stream: str) -> str:
        """``<scenario id>/<case id>/<step>.<stream>``."""
        ...

    def golden(self, key: str) -> str | None:
        """The text of a golden, or None when there is none yet."""
        ...

    def text_of(self, step: str, stream: str) -> str | None:
        """The normalised text that an earlier step printed; None when there is none."""
        ...

    def record(self, use: GoldenUse) -> None: ...

    def placeholder(self, kind: str, value: str) -> str:
        """``<time:1>``: equal values of a kind get equal numbers over all streams and steps of the cell."""
        ...


class Kind(Protocol[A]):
    """One assertion kind of a stream. Implementations hold no state."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> Key: ...

    @property
    def spec_type(self) -> type[A]: ...

    def bind(self, node: Node, names: Names) -> A | None:
        """The assertion, or None after every mistake was reported on the node."""
        ...

    def golden(self, spec: A) -> bool:
        """Whether the assertion compares with a golden."""
        ...

    def check(self, spec: A, step: str, stream: StreamText, context: CheckContext) -> tuple[Finding, ...]: ...
