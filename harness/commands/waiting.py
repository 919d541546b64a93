"""Waiting for another program to the end: what this process is told by a signal the other one is told, too, and it is given the time to obey.

``subprocess.run`` kills its child a quarter of a second after Ctrl-C, and leaves it alone when SIGTERM ends the parent. A run of scenarios needs longer
to end its programs and to write its results, and must not go on without anybody who waits for it.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def wait_for(command: Sequence[str], directory: Path) -> tuple[int, signal.Signals | None]:
    """How the program ended, and the first signal that this process was sent meanwhile."""
    told: list[signal.Signals] = []
    running: list[subprocess.Popen[bytes]] = []

    def hand_on(number: int, _frame: FrameType | None) -> None:
        told.append(signal.Signals(number))
        for process in running:
            process.send_signal(number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number in SIGNALS:
            if before[number] != signal.SIG_IGN:
                signal.signal(number, hand_on)
        process = subprocess.Popen(command, cwd=directory)
        running.append(process)
        for number in told[:1]:  # it came before there was anybody to hand it to
            process.send_signal(number)
        return process.wait(), told[0] if told else None
    finally:
        for number in SIGNALS:
            signal.signal(number, before[number])
