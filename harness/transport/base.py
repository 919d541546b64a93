"""What a transport is. It only makes a command line; starting it is the business of ``harness.execute``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.model.artifact import Artifact


class Transport(Protocol):
    """One way to start artifacts."""

    @property
    def name(self) -> str:
        """How reports call it: ``local``, ``qemu`` …"""
        ...

    @property
    def lacks(self) -> frozenset[str]:
        """Capabilities that this way of starting takes away, whatever the artifact can do."""
        ...

    def serves(self, target: str, host: str) -> bool:
        """Whether artifacts of ``target`` can be started this way on a host of the target ``host``."""
        ...

    def argv(self, artifact: Artifact, arguments: Sequence[str]) -> tuple[str, ...]:
        """The whole command line; the first element is an absolute path."""
        ...
