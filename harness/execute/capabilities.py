"""What a scenario may ``need``, and who has it: the host, the way the artifact is started, the artifact itself."""

from __future__ import annotations

import os
import socket
from functools import cache
from typing import Final

from harness.execute.network import can_filter
from harness.model.artifact import Artifact
from harness.model.scenario import Scenario
from harness.transport.base import Transport
from harness.verbs.base import POSIX_SIGNALS, SYSCALL_FILTER, TTY

LOOPBACK: Final = "loopback"


@cache
def host_capabilities() -> frozenset[str]:
    """What this host offers; looked up once."""
    offered = set()
    if os.name == "posix":
        offered.add(POSIX_SIGNALS)
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
        offered.add(LOOPBACK)
    except OSError:
        pass
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
        offered.add(TTY)
    except (AttributeError, OSError):
        pass
    if can_filter():
        offered.add(SYSCALL_FILTER)
    return frozenset(offered)


def unsupported(scenario: Scenario, artifact: Artifact, transport: Transport) -> str:
    """Why the scenario cannot apply to the artifact here; empty when it does. An artifact's own declaration is named first.

    What a single step needs the whole scenario needs: leaving the step out would judge the others under wrong premises.
    """
    for need in dict.fromkeys((*scenario.needs, *(need for step in (*scenario.steps, *scenario.always) for need in step.needs))):
        if need in artifact.lacks:
            return f"needs {need}, which {artifact.id} declares to lack"
        if need in transport.lacks:
            return f"needs {need}, which is lost when the artifact is started by {transport.name}"
        if need not in host_capabilities():
            return f"needs {need}, which this host does not offer"
    return ""
