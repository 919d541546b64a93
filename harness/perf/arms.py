"""The arms of a timed program: command lines that run side by side, and the proof, before any clock runs, that each gives the right answer."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from harness.perf.configuration import Timing
from harness.perf.place import Place
from harness.perf.record import ARTIFACT

OUTPUT_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """A command line with what it must answer; ``fault`` says why it is not measured, when it is not."""

    id: str
    label: str
    role: str
    emulated: bool
    argv: tuple[str, ...]
    exit: int
    stdout_sha256: str = ""
    stderr_sha256: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program answered outside of the clock."""

    exit: int
    stdout: bytes
    stderr: bytes


def digest_of(path: Path) -> str:
    """The digest of a file's content, in constant memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def ask(argv: tuple[str, ...], *, place: Place, limit: float) -> Answer | str:
    """One untimed run: its answer, or why there is none."""
    stdout, stderr = place.workspace / "probe.stdout", place.workspace / "probe.stderr"
    with stdout.open("wb") as out, stderr.open("wb") as errors, place.reading() as stdin:
        try:
            process = subprocess.Popen(argv, cwd=place.cwd, env=dict(place.environment), stdin=stdin, stdout=out, stderr=errors, start_new_session=True)
        except OSError as error:
            return f"cannot be started: {error.strerror}"
        try:
            code = process.wait(timeout=limit)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return f"took longer than {limit:g} s and was killed"
            raise
    if stdout.stat().st_size + stderr.stat().st_size > OUTPUT_LIMIT:
        return f"wrote more than {OUTPUT_LIMIT // 2**20} MiB"
    return Answer(128 - code if code < 0 else code, stdout.read_bytes(), stderr.read_bytes())


def prove(arms: tuple[ArmPlan, ...], timing: Timing, base: str, *, place: Place, limit: float) -> tuple[ArmPlan, ...]:
    """The arms with the digests that every timed run must repeat; an arm with a wrong answer gets a fault and is never timed.

    Artifacts must answer what the timing file says and all the same, byte for byte; a reference only has to answer the same every time.
    """
    proven: list[ArmPlan] = []
    leader: ArmPlan | None = None
    # The base artifact is asked first, because the others are compared with it.
    for arm in sorted(arms, key=lambda arm: arm.id != base):
        answer = ask(arm.argv, place=place, limit=limit)
        checked = replace(arm, fault=answer) if isinstance(answer, str) else _checked(arm, answer, timing, leader)
        if leader is None and arm.role == ARTIFACT and not checked.fault:
            leader = checked
        proven.append(checked)
    places = [arm.id for arm in arms]
    return tuple(sorted(proven, key=lambda arm: places.index(arm.id)))


def prove_reference(arm: ArmPlan, *, place: Place, limit: float) -> ArmPlan:
    """A reference with the digests that every timed run must repeat; it only has to succeed."""
    answer = ask(arm.argv, place=place, limit=limit)
    return replace(arm, fault=answer) if isinstance(answer, str) else _answered(arm, answer)


def _answered(arm: ArmPlan, answer: Answer) -> ArmPlan:
    fault = "" if answer.exit == arm.exit else f"exit code {answer.exit}, wanted {arm.exit}{_first_line(answer.stderr)}"
    return replace(arm, stdout_sha256=hashlib.sha256(answer.stdout).hexdigest(), stderr_sha256=hashlib.sha256(answer.stderr).hexdigest(), fault=fault)


def _checked(arm: ArmPlan, answer: Answer, timing: Timing, leader: ArmPlan | None) -> ArmPlan:
    seen = _answered(arm, answer)
    if seen.fault or arm.role != ARTIFACT:
        return seen
    for name, stream, texts in (("stdout", answer.stdout, timing.stdout_contains), ("stderr", answer.stderr, timing.stderr_contains)):
        for text in texts:
            if text.encode() not in stream:
                return replace(seen, fault=f"{name} does not contain {text!r}")
    if leader is not None:
        for name, mine, theirs in (("stdout", seen.stdout_sha256, leader.stdout_sha256), ("stderr", seen.stderr_sha256, leader.stderr_sha256)):
            if mine != theirs:
                return replace(seen, fault=f"{name} differs from that of {leader.id}")
    return seen


def _first_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return f"; stderr begins: {lines[0][:200]}" if lines else ""
