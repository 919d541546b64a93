"""hyperfine as a stopwatch for one block: each command once, in the given order, without a shell. Both of its JSON schemas are read.

hyperfine itself runs AAAA BBBB; calling it once per block, with the arms in random order, is what interleaves them. The call costs about
four milliseconds a block and adds the same constant to every arm.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.perf.errors import ToolError
from harness.perf.place import Place

JSON_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a block: its name in the result, what is executed, and the file that takes its stdout."""

    name: str
    argv: tuple[str, ...]
    stdout: Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What the stopwatch saw of one run."""

    name: str
    nanoseconds: int
    exit: int


def locate() -> Path:
    """The hyperfine binary beside this interpreter, or the one on the path."""
    beside = Path(sys.executable).with_name("hyperfine")
    found = str(beside) if beside.is_file() else shutil.which("hyperfine")
    if found is None:
        raise ToolError(f"hyperfine is not beside {sys.executable} and not on PATH; install the locked packages again (astral-dev-toolchain-hyperfine)")
    return Path(found).absolute()


def version(binary: Path) -> str:
    """The version that the binary says it has."""
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True, timeout=30, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"{binary} --version failed: {error}") from None
    return done.stdout.strip().removeprefix("hyperfine ").strip()


def block_command(binary: Path, commands: Sequence[Command], export: Path, stdin: Path | None = None) -> list[str]:
    """The invocation for one block, in flags that hyperfine 1.19 and later all have."""
    call = [str(binary), "-N", "--runs", "1", "--ignore-failure", "--style", "none", "--export-json", str(export)]
    if stdin is not None:
        call += ["--input", str(stdin)]
    for command in commands:
        call += ["--output", str(command.stdout), "-n", command.name, shlex.join(command.argv)]
    return call


def run_block(binary: Path, commands: Sequence[Command], *, place: Place, limit: float) -> tuple[Reading, ...]:
    """Runs each command once, in order, and returns one reading per command."""
    export = place.workspace / "hyperfine.json"
    export.unlink(missing_ok=True)
    call = block_command(binary, commands, export, place.stdin)
    process = subprocess.Popen(
        call,
        cwd=place.cwd,
        env=dict(place.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, complaint = process.communicate(timeout=limit)
    except BaseException as error:
        # The commands share hyperfine's process group: whatever ends this wait must not leave one of them running.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            names = ", ".join(command.name for command in commands)
            raise ToolError(f"a block of {names} took longer than {limit:g} s and was killed; one of its programs hangs") from None
        raise
    if process.returncode != 0:
        raise ToolError(f"hyperfine failed (exit {process.returncode}): {complaint.decode('utf-8', 'replace').strip()[-500:]}; command: {shlex.join(call)}")
    return read_results(_read(export), [command.name for command in commands])


def read_results(text: str, names: Sequence[str]) -> tuple[Reading, ...]:
    """One reading per command, in order, from either JSON schema; anything unexpected is refused."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"hyperfine wrote something that is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise ToolError("hyperfine wrote JSON that is not an object")
    schema = document.get("schema_version", 1)
    if schema not in (1, 2) or isinstance(schema, bool):
        raise ToolError(f"hyperfine wrote JSON of schema {schema!r}; 1 and 2 are known, so pin an older hyperfine or teach the reader")
    results = document.get("results")
    if not isinstance(results, list) or len(results) != len(names):
        raise ToolError(f"hyperfine wrote {len(results) if isinstance(results, list) else 'no'} results for {len(names)} commands")
    read = _reading_2 if schema == 2 else _reading_1
    return tuple(read(result, name) for result, name in zip(results, names, strict=True))


def _reading_1(result: object, name: str) -> Reading:
    fields = _fields(result, name, "command")
    return _reading(name, _single(fields.get("times"), name), _single(fields.get("exit_codes"), name))


def _reading_2(result: object, name: str) -> Reading:
    fields = _fields(result, name, "name")
    measurement = _single(fields.get("measurements"), name)
    wall = measurement.get("time_wall_clock") if isinstance(measurement, dict) else None
    if not isinstance(measurement, dict) or not isinstance(wall, dict) or wall.get("unit") != "second":
        raise ToolError(f"hyperfine wrote no wall clock in seconds for {name}")
    return _reading(name, wall.get("value"), measurement.get("exit_code"))


def _fields(result: object, name: str, key: str) -> dict[str, object]:
    if not isinstance(result, dict) or result.get(key) != name:
        raise ToolError(f"hyperfine wrote a result for another command than {name}")
    return result


def _single(values: object, name: str) -> object:
    if not isinstance(values, list) or len(values) != 1:
        raise ToolError(f"hyperfine wrote other than one run for {name}")
    return values[0]


def _reading(name: str, seconds: object, code: object) -> Reading:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds < 1e6:
        raise ToolError(f"hyperfine wrote a time for {name} that is no time: {seconds!r}")
    if not isinstance(code, int) or isinstance(code, bool):
        raise ToolError(f"hyperfine wrote no exit code for {name}")
    return Reading(name, max(1, round(seconds * 1e9)), code)


def _read(export: Path) -> str:
    try:
        with export.open("rb") as stream:
            data = stream.read(JSON_LIMIT + 1)
    except OSError as error:
        raise ToolError(f"hyperfine left no result at {export}: {error.strerror}") from None
    if len(data) > JSON_LIMIT:
        raise ToolError(f"hyperfine wrote more than {JSON_LIMIT // 2**20} MiB of JSON for one block")
    return data.decode("utf-8", "replace")
