"""Runs build tools: a small fixed environment, the output kept in a log file, and every line of it put through the warnings gate."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.publish.errors import PublishError
from cli.publish.gate import Gate

# 2025-01-01T00:00:00Z: the one time that every tool is told, so that equal inputs give equal bytes.
SOURCE_DATE_EPOCH = "1735689600"
SHOWN_BYTES = 4000


class Tools:
    """Starts tools for one artifact. Python tools are started with -sP, not with -I, which would ignore the fixed hash seed."""

    def __init__(self, gate: Gate, logs: Path, cache: Path) -> None:
        self._gate = gate
        self._logs = logs
        self.warnings = 0
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(cache / "home"),
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            "LC_ALL": "C",
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
            "ZIG_GLOBAL_CACHE_DIR": str(cache / "zig"),
            "ZIG_LOCAL_CACHE_DIR": str(cache / "zig"),
        }

    def run(
        self,
        step: str,
        command: Sequence[str | Path],
        *,
        ours: bool,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        hide: Path | None = None,
        keep: bool = False,
    ) -> str:
        """The tool's standard output. `ours` is the stricter rule of the gate; `hide` is a path that log lines call <work>.

        With `keep` the standard output is the result that was asked for, and only standard error is looked at.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        words = [str(word) for word in command]
        try:
            done = subprocess.run(words, cwd=cwd, env={**self._environment, **(environment or {})}, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except OSError as error:
            raise PublishError(f"{step}: {words[0]} cannot be started: {error.strerror}") from None
        stdout, stderr = (_text(stream, hide) for stream in (done.stdout, done.stderr))
        log = self._logs / f"{step}.log"
        log.write_text(f"{' '.join(words)}\nexit {done.returncode}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n", encoding="utf-8")
        if done.returncode:
            ending = f"ended by {signal.Signals(-done.returncode).name}" if done.returncode < 0 else f"exit {done.returncode}"
            shown = (stderr.strip() or stdout.strip())[-SHOWN_BYTES:]
            raise PublishError(f"{step}: {Path(words[0]).name} failed ({ending}). Full output: {log}\n{shown}")
        self.warnings += self._gate.check(step, "" if keep else stdout, stderr, ours=ours, log=log)
        return stdout


def _text(raw: bytes, hide: Path | None) -> str:
    text = raw.decode("utf-8", "replace")
    return text.replace(str(hide), "<work>") if hide else text
