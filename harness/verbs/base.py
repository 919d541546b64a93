"""What a verb is, and what a verb may do to the world.

A verb binds the value that stands under its name in a step to a frozen spec, and performs that spec. It sees the world only through ``World``:
it never starts a process, opens a socket or reads a clock by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, TypeVar

from harness.load.names import Names
from harness.load.node import Node
from harness.load.shape import Key
from harness.model.observation import Observation
from harness.model.reply import Reply
from harness.model.step import Step, VerbSpec
from harness.model.template import Template
from harness.model.verdict import Finding

S = TypeVar("S", bound=VerbSpec)

POSIX_SIGNALS: Final = "posix-signals"
TTY: Final = "tty"
SYSCALL_FILTER: Final = "syscall-filter"
"""Capabilities that steps imply by what they do."""


class Judging(Enum):
    """What a step is judged on beyond what its verb itself finds wrong."""

    NOTHING = "nothing"
    END = "end"
    """A process has ended: its exit code, both streams or its screen, its files."""
    SO_FAR = "so far"
    """A process runs: what the step says of its output must come to hold within the time limit."""


class ServerHandle(Protocol):
    """A leased server."""

    @property
    def url(self) -> str: ...

    def requests(self) -> list[dict[str, object]]:
        """Every request that the server has received since the cell began, as its recorder reports them."""
        ...

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply: ...


class ProgramHandle(Protocol):
    """A started program. Whatever waits does so at most until the time limit of the current step."""

    def so_far(self) -> Observation:
        """What it has brought until now."""
        ...

    def watch(self, holds: Callable[[str], bool]) -> tuple[Observation, bool]:
        """Until this holds of its screen; the last look, and whether it did."""
        ...

    def type(self, data: bytes) -> bool: ...

    def signal(self, name: str) -> bool:
        """False when it has ended already."""
        ...

    def end(self) -> Observation:
        """Until it has ended. At the time limit it is forced to."""
        ...

    def state(self) -> str:
        """Why there is nothing more to wait for: that it has ended, or which time limit struck."""
        ...


class World(Protocol):
    """Everything a verb may do. Values are inserted as they really are: real addresses, real paths."""

    def resolve(self, template: Template) -> str: ...

    def resolve_arguments(self, templates: Sequence[Template]) -> tuple[str, ...]: ...

    def resolve_value(self, value: object) -> object:
        """A value tree with its templates replaced (``harness.model.template.fill_value``)."""
        ...

    def spawn(self, arguments: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None) -> Observation:
        """Run the artifact with these arguments inside the sandbox, under the time limit of the current step.

        ``env`` comes on top of the sandbox's and the scenario's. No ``stdin`` means an empty one.
        """
        ...

    def start(self, arguments: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None) -> Observation:
        """Like ``spawn``, in the background and under the id of the current step; what it has brought by then is not much."""
        ...

    def program(self, name: str) -> ProgramHandle:
        """The program that the step of this id has started."""
        ...

    def server(self, name: str) -> ServerHandle: ...


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of a verb: what was observed, and what the verb itself found wrong."""

    observation: Observation
    findings: tuple[Finding, ...] = ()


class Verb(Protocol[S]):
    """One verb. Implementations hold no state."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> Key:
        """Schema and description of the value under the verb's name."""
        ...

    @property
    def spec_type(self) -> type[S]: ...

    @property
    def takes(self) -> Set[str]:
        """The keys of a step that mean something beside this verb, besides those that every step has."""
        ...

    def judging(self, spec: S) -> Judging: ...

    def bind(self, node: Node, names: Names) -> S | None:
        """The spec, or None after every mistake was reported on the node."""
        ...

    def perform(self, spec: S, step: Step, world: World) -> Performed: ...
