"""Programs that must not use the network: started by ``no_network.py``, which lets the kernel end them when they open an internet socket.

A filter of system calls works for every user, in containers too, where a network namespace would need rights; and it is evidence: a program that
tries and hides its failure is found all the same. Sockets between processes of the host stay allowed. The filter is inherited by everything
that the program starts; when one of those is ended by it, that shows in what the program makes of it.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.execute import no_network
from harness.execute.spawner import ProcessEnd
from harness.faults import SpawnFault

_ACTIONS: Final = Path("/proc/sys/kernel/seccomp/actions_avail")
_LAUNCHER: Final = str(Path(no_network.__file__).resolve())
_ENDED: Final = "SYS"


def can_filter() -> bool:
    """Whether this kernel has the filter, and this machine's calls are known."""
    try:
        return platform.machine() in no_network.MACHINES and "kill_process" in _ACTIONS.read_text("ascii").split()
    except OSError:
        return False


def without_network(argv: tuple[str, ...]) -> tuple[str, ...]:
    # Isolated and without site: nothing of this environment's packages is read, and it starts in 15 ms.
    return (sys.executable, "-I", "-S", "-B", _LAUNCHER, *argv)


def told_of_network(end: ProcessEnd) -> ProcessEnd:
    """The end of a program that was started without network; raises ``SpawnFault`` when it was not even started."""
    said = (end.terminal or end.stderr).decode("utf-8", "backslashreplace")
    if end.exit.code == no_network.NOT_STARTED and said.startswith(no_network.PREFIX):
        raise SpawnFault(said.removeprefix(no_network.PREFIX).strip())
    return replace(end, opened_network=end.exit.signal == _ENDED)
