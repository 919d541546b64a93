"""A run that is told to stop stops in good order: programs are ended, results written, nothing is left running.

Ctrl-C does that in every pytest. A build server that cancels a job sends SIGTERM, a terminal that is closed SIGHUP, and either would end the process on the
spot: the programs that it was running would go on, and what was known of the run would be lost. So all three interrupt the run in the same way.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final

import pytest

from harness.plugin.settings import Settings

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SAME: Final = 1.0
"""Seconds in which a further signal is the same wish once more: a terminal tells everybody, and a parent that is told hands it on."""


class Stopped(KeyboardInterrupt):
    """The run was told to stop; the text says by what."""


def heed_signals(config: pytest.Config) -> None:
    """From now on until the end of the run. A signal that this process was started to ignore (``nohup``) stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return  # a run inside of another program, whose business its signals are
    if getattr(config.option, "dist", "no") != "no":
        # Stopped workers cannot tell which goldens they used. A project that makes errors of warnings would lose the results to syrupy's word about it.
        # Not in a process that runs cells: pytest sets every filter anew for each of them.
        config.addinivalue_line("filterwarnings", "ignore:syrupy. received [0-9]+ of:UserWarning")
    worker = hasattr(config, "workerinput")
    first: list[float] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        # A worker may be told by its terminal, by its controller and at last by xdist; nobody is in a hurry with it but the controller.
        again = bool(first) and (worker or number != signal.SIGINT or now - first[0] < _SAME)
        first.append(now)
        if not again:  # who presses Ctrl-C a second time does not want to wait for what is being tidied up
            raise Stopped(f"stopped by {signal.Signals(number).name}")

    for number in SIGNALS:
        before = signal.getsignal(number)
        if before in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, stop)
            config.add_cleanup(partial(_restore, number, before))


def _restore(number: signal.Signals, before: Callable[[int, FrameType | None], object] | int | None) -> None:
    signal.signal(number, before)


class Workers:
    """Hooks of a run over several processes: what it is told, its workers are told at once. xdist itself waits five seconds before it interrupts them."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: object) -> None:
        # execnet has no other name for the process; a worker on another machine has none here.
        process = getattr(getattr(gateway, "_io", None), "popen", None)
        if isinstance(process, subprocess.Popen):
            self._started.append(process)

    def pytest_keyboard_interrupt(self) -> None:
        for process in self._started:
            process.send_signal(signal.SIGTERM)  # nothing happens to one that has ended


def unwritable(error: OSError, settings: Settings) -> BaseException:
    """To be raised when the run itself cannot be written down, as on a full disk: one line in place of a traceback."""
    folder = settings.root / ".harness"
    what = "the results of this run cannot be written, and those of the one before are still there"
    return pytest.exit.Exception(f"{folder}: {what}: {error.strerror or error}", returncode=pytest.ExitCode.INTERNAL_ERROR)
