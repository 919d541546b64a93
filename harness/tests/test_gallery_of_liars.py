"""The gallery of liars: programs that are wrong in one place, each with the findings that the engine must report about it, no more and no less.

One run of pytest over one list of artifacts, as users have it: the honest program on every scenario, every liar on the scenario that it lies in.
What is compared is what the results file says.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.compare.divergence import group
from harness.load.scenarios import load_file
from harness.model.verdict import Verdict
from harness.plugin.items import item_name
from harness.plugin.outcome import result_of
from harness.report.events import CellEvent, Run, read

# One worker makes the run that all of these tests look at.
pytestmark = pytest.mark.xdist_group("liars")

ROOT = Path(__file__).resolve().parents[2]
GALLERY = Path(__file__).parent / "liars"
HONEST = "honest-any"
PAGE_FILE = ROOT / "docs" / "liars.md"
PAGE = """\
<!-- Written by harness/tests/test_gallery_of_liars.py from harness/tests/liars/liars.toml; a test compares. -->
# The gallery of liars

A suite that is always green proves nothing. `harness/tests/liars/` holds an honest program, scenarios that it passes, and {count} liars: copies of the
program with one place changed, each wrong in a way that real programs are wrong. `make test` runs every liar on the scenario that it lies in and demands
exactly the findings named here, as the results file reports them ({checks} different checks). A liar that is not caught, or caught by something else,
fails the build. What programs do that harm rather than lie is on [another page](containment.md).

To add one, add a table to `liars.toml`: `was` is a piece of `honest.py` that stands there once, `says` what takes its place, `caught` the findings. Then run
`python harness/tests/test_gallery_of_liars.py`, which writes this page.

| Liar | What it does | Scenario | Found by |
|---|---|---|---|
{rows}
"""


@dataclass(frozen=True, slots=True)
class Liar:
    """One of them: where it differs from the honest program, and what must be found."""

    name: str
    lie: str
    scenario: str
    case: str
    was: str
    says: str
    caught: tuple[str, ...]

    def source(self, honest: str) -> str:
        assert honest.count(self.was) == 1, f"{self.name}: what it changes must stand exactly once in honest.py"
        return honest.replace(self.was, self.says)


def liars() -> tuple[Liar, ...]:
    tables = tomllib.loads((GALLERY / "liars.toml").read_text("utf-8"))["liar"]
    return tuple(Liar(**{"case": "", **table, "caught": tuple(table["caught"])}) for table in tables)


LIARS = liars()


class Checkout:
    """A folder with a list of artifacts: the honest program and every liar."""

    def __init__(self, path: Path) -> None:
        self.path = path
        honest = (GALLERY / "honest.py").read_text("utf-8")
        entries = [self._publish("honest", honest), *(self._publish(liar.name, liar.source(honest)) for liar in LIARS)]
        document = {"format": 1, "program": "tool", "reference": HONEST, "artifacts": entries}
        (path / "artifacts.json").write_text(json.dumps(document), "utf-8")

    def _publish(self, name: str, source: str) -> dict[str, object]:
        file = self.path / name / "tool"
        file.parent.mkdir()
        data = f"#!{sys.executable} -ISB\n{source}".encode()
        file.write_bytes(data)
        file.chmod(0o755)
        digest = hashlib.sha256(data).hexdigest()
        return {"id": f"{name}-any", "kind": name, "target": "any", "path": f"{name}/tool", "sha256": digest, "size": len(data), "version": "1.0.0"}

    def run(self) -> Run:
        scenarios = GALLERY / "scenarios"
        names = [f"{liar.scenario}.toml::{liar.case or Path(liar.scenario).name}[{liar.name}-any]" for liar in LIARS]
        for path in sorted(scenarios.rglob("*.toml")):
            scenario = load_file(path, scenarios)
            names += [f"{scenario.id}.toml::{item_name(scenario, case, HONEST)}" for case in scenario.cases]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", f"--rootdir={self.path}", f"--scenarios={scenarios}"]
        places = [f"--artifacts={self.path / 'artifacts.json'}", f"--snapshots={GALLERY / 'snapshots'}"]
        # What the outer run is, the inner one must not take for its own.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GITHUB_", "CI"))}
        selected = [str(scenarios / name) for name in names]
        done = subprocess.run(
            [*command, *places, *selected], cwd=self.path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-4000:] + done.stderr[-4000:]
        return read(self.path / ".harness" / "last" / "events.jsonl")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Checkout(tmp_path_factory.mktemp("gallery")).run()


def findings(cell: CellEvent) -> tuple[str, ...]:
    return tuple(f"{finding.step} {finding.aspect}/{finding.check}" for finding in cell.findings)


def test_the_honest_program_passes_every_scenario(run: Run) -> None:
    cells = [cell for cell in run.cells if cell.artifact == HONEST]
    scenarios = GALLERY / "scenarios"
    assert {f"{cell.scenario}.toml" for cell in cells} == {path.relative_to(scenarios).as_posix() for path in scenarios.rglob("*.toml")}
    assert [(cell.scenario, cell.case, cell.reason, findings(cell)) for cell in cells if cell.verdict is not Verdict.PASSED] == []


@pytest.mark.parametrize("liar", LIARS, ids=lambda liar: liar.name)
def test_the_liar_is_caught_by_exactly_its_check(run: Run, liar: Liar) -> None:
    (cell,) = [cell for cell in run.cells if cell.artifact == f"{liar.name}-any"]
    assert (cell.scenario, cell.verdict, cell.reason) == (liar.scenario, Verdict.FAILED, "")
    assert findings(cell) == liar.caught


def test_a_liar_that_differs_from_the_others_is_named_as_the_one_that_diverges(run: Run) -> None:
    (found,) = group(result_of(cell) for cell in run.cells if cell.scenario == "unit/golden")
    assert (found.artifacts, found.clean) == (("divergent-any",), (HONEST,))


def test_the_gallery_is_large_and_every_scenario_has_a_liar() -> None:
    assert len(LIARS) == len({liar.name for liar in LIARS}) >= 40
    scenarios = GALLERY / "scenarios"
    assert {f"{liar.scenario}.toml" for liar in LIARS} == {path.relative_to(scenarios).as_posix() for path in scenarios.rglob("*.toml")}


def page() -> str:
    """docs/liars.md as it has to be."""
    rows = [f"| `{liar.name}` | {liar.lie} | `{liar.scenario}` | {', '.join(f'`{check}`' for check in checks(liar))} |" for liar in LIARS]
    return PAGE.format(count=len(LIARS), checks=len({check for liar in LIARS for check in checks(liar)}), rows="\n".join(rows))


def checks(liar: Liar) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.rpartition(" ")[2] for item in liar.caught))


def test_the_page_lists_the_gallery() -> None:
    """`python harness/tests/test_gallery_of_liars.py` writes it."""
    assert PAGE_FILE.read_text("utf-8") == page()


if __name__ == "__main__":
    PAGE_FILE.write_text(page(), "utf-8")
