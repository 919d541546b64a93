"""The same trivial cases for every runner: start a static program, compare exit code and standard output.

Every case stands in a file format of its runner, in the plainest words that its manual offers. Scenarios and bats files are divided alike. For prysk a case
is a file, because nothing smaller than a file has a shell and a directory of its own there; the files with many commands in one shell are written
as well, for who wants to compare with that.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

PER_FILE = 50
"""Cases of one file where a run is compared with other runners."""
MANY_PER_FILE = 250
"""Cases of one file where only the engine runs; a scenario file holds at most 256."""
EXPECTED = "hello"
"""The line that the program prints."""


def write_scenarios(folder: Path, program: Path, cases: int, per_file: int) -> None:
    """``scenarios/`` and the ``artifacts.json`` that lists the program as the only artifact."""
    tier = folder / "scenarios" / "unit"
    tier.mkdir(parents=True)
    for name, numbers in _files(cases, per_file):
        rows = "".join(f'[[case]]\nid = "c{number}"\n\n' for number in numbers)
        step = f'[[step]]\nrun = []\nexit = 0\nstdout.equals = "{EXPECTED}\\n"\n'
        (tier / f"{name}.toml").write_text(f'format = 1\ntitle = "Trivial cells"\n\n{rows}{step}', encoding="utf-8")
    data = program.read_bytes()
    entry = {
        "id": "hello",
        "kind": "hello",
        "target": "local",
        "path": str(program),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "version": "",
    }
    listed = {"format": 1, "program": "hello", "reference": "hello", "artifacts": [entry]}
    (folder / "artifacts.json").write_text(json.dumps(listed), encoding="utf-8")


def write_bats(folder: Path, program: Path, cases: int, per_file: int) -> None:
    """Files of ``@test`` blocks."""
    folder.mkdir(parents=True)
    for name, numbers in _files(cases, per_file):
        body = "\n".join(
            f'@test "c{number}" {{\n  run {shlex.quote(str(program))}\n  [ "$status" -eq 0 ]\n  [ "$output" = "{EXPECTED}" ]\n}}\n' for number in numbers
        )
        (folder / f"{name}.bats").write_text(body, encoding="utf-8")


def write_prysk(folder: Path, program: Path, cases: int, per_file: int) -> None:
    """Transcripts. A command that ends with another exit code than 0 prints that code as a line of its own, so 0 needs no words."""
    folder.mkdir(parents=True)
    command = f"  $ {shlex.quote(str(program))}\n  {EXPECTED}\n"
    for name, numbers in _files(cases, per_file):
        (folder / f"{name}.t").write_text(command * len(numbers), encoding="utf-8")


def _files(cases: int, per_file: int) -> Iterator[tuple[str, range]]:
    for number, first in enumerate(range(0, cases, per_file)):
        yield f"t{number:04d}", range(first, min(first + per_file, cases))
