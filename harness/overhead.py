"""What the harness adds to one cell over the bare start of the same program, plugin included.

Both runs of the engine are real runs of pytest over the same tree, one of a single cell and one of many: interpreter, collection and set-up are in both. The
program is the static C hello of the timing report. How the sides are measured is told in ``harness.perf.overhead``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.perf.build import bundled, compile_program
from harness.perf.errors import ToolError
from harness.perf.overhead import LEAST, MOST, Sides, bare_starts, overhead
from harness.perf.record import Overhead

CELLS = 200
SCENARIO = 'format = 1\ntitle = "A trivial cell"\n\n{cases}\n[[step]]\nrun = []\nstdout.contains = ["hello"]\n'
CASE = '[[case]]\nid = "c{number}"\n'


def measure(cache: Path, *, seed: int, cells: int = CELLS, least: int = LEAST, most: int = MOST) -> Overhead:
    """Milliseconds per cell: the slope of the harness, the bare start, and their paired difference with its interval."""
    hello = compile_program(bundled("hello"), cache)
    with tempfile.TemporaryDirectory(prefix="conformance-overhead-") as folder:
        work = Path(folder)
        _write_tree(work, hello, cells)
        bare = bare_starts([str(hello)], {})
        sides = Sides(many=lambda: _pytest(work, "many"), one=lambda: _pytest(work, "one"), bare=lambda: bare(cells), cells=cells)
        return overhead(sides, seed=seed, least=least, most=most)


def _write_tree(work: Path, hello: Path, cells: int) -> None:
    """Two scenario trees over one artifact: a single case, and one more than ``cells``."""
    for name, count in (("one", 1), ("many", cells + 1)):
        folder = work / name / "scenarios" / "unit"
        folder.mkdir(parents=True)
        cases = "".join(CASE.format(number=number) for number in range(count))
        (folder / "trivial.toml").write_text(SCENARIO.format(cases=cases), encoding="utf-8")
    entry = {
        "id": "hello",
        "kind": "hello",
        "target": "local",
        "path": str(hello),
        "sha256": hashlib.sha256(hello.read_bytes()).hexdigest(),
        "size": hello.stat().st_size,
        "version": "",
    }
    listed = {"format": 1, "program": "hello", "reference": "hello", "artifacts": [entry]}
    (work / "artifacts.json").write_text(json.dumps(listed), encoding="utf-8")


def _pytest(work: Path, name: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "harness.plugin", "-p", "no:cacheprovider", f"--rootdir={work / name}"]
    command += [f"--scenarios={work / name / 'scenarios'}", f"--artifacts={work / 'artifacts.json'}"]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=work / name, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"the run that measures the harness overhead failed (exit {done.returncode}):\n{(done.stdout + done.stderr)[-1500:]}")
