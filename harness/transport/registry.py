"""Every transport, in the order in which they are tried. A new one is one file and one entry here."""

from __future__ import annotations

import platform
from typing import Final

from harness.model.artifact import Artifact
from harness.transport.base import Transport
from harness.transport.local import LocalTransport

TRANSPORTS: Final[tuple[Transport, ...]] = (LocalTransport(),)

_SYSTEMS: Final = {"Linux": "linux", "Windows": "win", "Darwin": "macos"}
_MACHINES: Final = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64", "ARM64": "arm64"}


class NoTransport(Exception):
    """This host cannot run artifacts of a target. The text says which target, which host, and what could be done."""


def host_target() -> str:
    """The target whose artifacts run here without help, such as ``linux-x64``."""
    system, machine = platform.system(), platform.machine()
    return f"{_SYSTEMS.get(system, system.lower())}-{_MACHINES.get(machine, machine.lower())}"


def transport_for(artifact: Artifact) -> Transport:
    """The first transport that serves the artifact's target on this host."""
    host = host_target()
    for transport in TRANSPORTS:
        if transport.serves(artifact.target, host):
            return transport
    known = ", ".join(transport.name for transport in TRANSPORTS)
    raise NoTransport(
        f"{artifact.id}: artifacts for {artifact.target} cannot run on this host ({host}; ways to start a program: {known}); run it on a machine of that target"
    )
