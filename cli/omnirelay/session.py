"""What a command function gets besides its bound values: streams, environment and the facts of the build."""

from __future__ import annotations

from omnirelay import _build, system
from omnirelay.faults import Failure


class Session:
    """One invocation's access to the outside; the network is reached through `control_plane`."""

    __slots__ = ("kind", "parser_hash")

    def __init__(self, kind: str, parser_hash: str) -> None:
        self.kind = kind
        self.parser_hash = parser_hash

    @property
    def version(self) -> str:
        return _build.VERSION

    @property
    def target(self) -> str:
        return _build.TARGET or system.target()

    @property
    def build_id(self) -> str:
        return _build.BUILD_ID

    def out(self, text: str) -> None:
        """Writes to standard output, at once."""
        system.write(system.STDOUT, system.encode(text))

    def err(self, text: str) -> None:
        """Writes to standard error, at once."""
        system.write(system.STDERR, system.encode(text))

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return system.monotonic()

    def confirm(self, question: str, refusal: str) -> None:
        """Asks on a terminal and raises Failure unless the answer is yes; without a terminal the answer is yes."""
        if not system.is_terminal(system.STDIN):
            return
        self.err(question + " [y/N]: ")
        answer = system.read_line(system.STDIN, 1024)
        if answer is None:
            self.err("\n")
        if (answer or "").strip().lower() not in ("y", "yes"):
            raise Failure(refusal)
