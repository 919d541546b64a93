"""The warnings gate: what a tool printed is either on the committed list, with a reason, or the publish fails.

Two rules. Steps that work on our own code must print nothing at all. Steps that build third-party code may print what they like on standard
output except a warning, and on standard error only what the list allows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.publish.errors import PublishError

ALLOWED_FILE = Path(__file__).with_name("allowed-warnings.toml")
MAX_ALLOWED_BYTES = 1 << 20
SHOWN = 20

_WARNING = re.compile(r"\bwarn(?:ing)?s?\b", re.IGNORECASE)
_DIAGNOSTIC = re.compile(r": (?:fatal )?(?:warning|error): ")
_CONTEXT = re.compile(r"\s*\d*\s*\||\d+ warnings? generated\.\Z|.*: note: |In file included from ")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One warning that is accepted: in which step, what the whole line looks like, and why."""

    step: str
    pattern: re.Pattern[str]
    reason: str


def read_allowed(path: Path = ALLOWED_FILE) -> tuple[Allowed, ...]:
    """The committed list; an entry without a reason or with a broken pattern is an error."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_ALLOWED_BYTES + 1)
    except OSError as error:
        raise PublishError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_ALLOWED_BYTES:
        raise PublishError(f"{path}: is larger than {MAX_ALLOWED_BYTES // 1024} KiB")
    return parse_allowed(raw, str(path))


def parse_allowed(raw: bytes, where: str) -> tuple[Allowed, ...]:
    """What `read_allowed` does, for bytes that are already there."""
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PublishError(f"{where}: is not valid TOML: {error}") from None
    if document.get("format") != 1 or set(document) - {"format", "allowed"}:
        raise PublishError(f"{where}: must hold format = 1 and [[allowed]] tables, nothing else")
    tables = document.get("allowed", [])
    if not isinstance(tables, list):
        raise PublishError(f"{where}: allowed must be a list of tables, written [[allowed]]")
    return tuple(_entry(table, f"{where}: allowed[{index}]") for index, table in enumerate(tables))


def _entry(table: object, where: str) -> Allowed:
    if not isinstance(table, dict) or set(table) != {"step", "pattern", "reason"}:
        raise PublishError(f"{where}: must have exactly the keys step, pattern and reason")
    for key, value in table.items():
        if not isinstance(value, str) or not value.strip():
            raise PublishError(f"{where}: {key} must be a string that is not empty")
    try:
        pattern = re.compile(table["pattern"])
    except (re.error, RecursionError, OverflowError) as error:
        raise PublishError(f"{where}: pattern is not a regular expression: {error}") from None
    return Allowed(table["step"], pattern, table["reason"])


def findings(stdout: str, stderr: str, *, ours: bool) -> Iterator[str]:
    """The lines that need a permission. The source excerpts below a compiler's diagnostic belong to it and are not counted."""
    if ours:
        yield from (line.rstrip() for line in f"{stdout}\n{stderr}".splitlines() if line.strip())
        return
    yield from (line.rstrip() for line in stdout.splitlines() if _WARNING.search(line))
    inside = False
    for line in stderr.splitlines():
        if not line.strip() or (inside and _CONTEXT.match(line)):
            continue
        inside = bool(_DIAGNOSTIC.search(line))
        yield line.rstrip()


class Gate:
    """Checks what tools printed against the committed list and counts what it let through."""

    def __init__(self, allowed: tuple[Allowed, ...]) -> None:
        self._allowed = allowed

    def check(self, step: str, stdout: str, stderr: str, *, ours: bool, log: Path) -> int:
        """How many allowed lines there were; one that is not allowed is a PublishError."""
        permitted = [entry.pattern for entry in self._allowed if entry.step == step]
        refused: list[str] = []
        count = 0
        for line in findings(stdout, stderr, ours=ours):
            if any(pattern.fullmatch(line) for pattern in permitted):
                count += 1
            else:
                refused.append(line)
        if refused:
            listed = "\n  ".join(refused[:SHOWN])
            more = f"\n  and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
            raise PublishError(
                f"{step}: the tool printed what nobody allowed:\n  {listed}{more}\n"
                f"Full output: {log}. Mend the cause, or add an entry with a reason to {ALLOWED_FILE.name}."
            )
        return count
