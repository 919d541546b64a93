"""Peak memory of a program, counted by the kernel from a launcher that is smaller than anything measured.

A separate pass: a run under the launcher is never a timed run. Python's own ``rusage`` would report the size of this interpreter instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.perf.errors import ToolError
from harness.perf.place import Place

REPORT_KEYS = ("max_rss_kib", "wall_ns", "user_us", "system_us", "exit", "signal")


@dataclass(frozen=True, slots=True)
class Usage:
    """What the kernel counted for one run; ``exit`` is 128 plus the signal for a program that a signal ended."""

    max_rss_kib: int
    wall_ns: int
    user_us: int
    system_us: int
    exit: int


def launch(launcher: Path, argv: Sequence[str], *, place: Place, stdout: Path, limit: float) -> Usage:
    """One run under the launcher; with no ``argv`` the launcher's own floor."""
    report = place.workspace / "launcher.json"
    report.unlink(missing_ok=True)
    complaint = place.workspace / "launcher.stderr"
    with stdout.open("wb") as sink, complaint.open("wb") as errors, place.reading() as stdin:
        process = subprocess.Popen(
            [str(launcher), str(report), *argv],
            cwd=place.cwd,
            env=dict(place.environment),
            stdin=stdin,
            stdout=sink,
            stderr=errors,
            start_new_session=True,
        )
        try:
            process.wait(timeout=limit)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise ToolError(f"{argv[0]} took longer than {limit:g} s under the launcher and was killed") from None
            raise
    if process.returncode != 0:
        raise ToolError(f"the launcher failed (exit {process.returncode}): {complaint.read_bytes()[-500:].decode('utf-8', 'replace').strip()}")
    return read_report(report.read_bytes())


def read_report(data: bytes) -> Usage:
    """The launcher's line; anything but its exact keys is refused."""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise ToolError("the launcher wrote something that is not JSON") from None
    if not isinstance(fields, dict) or set(fields) != {"format", *REPORT_KEYS} or fields["format"] != 1:
        raise ToolError("the launcher wrote other keys than it should")
    values = [fields[key] for key in REPORT_KEYS]
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise ToolError("the launcher wrote something that is not a whole number")
    rss, wall, user, system, code, signal_number = values
    return Usage(rss, wall, user, system, 128 + signal_number if signal_number else code)
