"""Neither the engine nor the plugin knows the program that this checkout happens to test, and the plugin loads no library that most runs do not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_project import GREET, Project, project

from harness.plugin.plain_import import without_rewriting

pytest_plugins = ["pytester"]
__all__ = ["project"]
HARNESS = Path(__file__).resolve().parent.parent
LATE = {
    "ctypes.util",
    "http.client",
    "hypothesis",
    "jinja2",
    "jsonschema",
    "markupsafe",
    "pyte",
    "referencing",
    "sqlite3",
    "typer",
    "urllib.request",
    "uvicorn",
    "xml.sax",
}
"""Loaded where they are used: every process of every run would pay for them, and a run with two workers has three."""


@pytest.mark.parametrize("layer", ["model", "load", "verbs", "execute", "transport", "normalise", "compare", "ledger", "plugin"])
def test_nobody_knows_the_program(layer: str) -> None:
    modules = sorted((HARNESS / layer).rglob("*.py"))
    assert modules
    assert [path.name for path in modules if "omnirelay" in path.read_text("utf-8").lower()] == []


def test_the_plugin_starts_without_what_most_runs_do_not_need() -> None:
    script = "import json, sys, pytest; before = set(sys.modules); import harness.plugin; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert sorted(LATE.intersection(json.loads(done.stdout))) == []


REWRITTEN = """
import json, sys
import pytest
status = pytest.main([*sys.argv[1:], "-q", "--collect-only", "-p", "harness.plugin"])
by_pytest = [name for name, module in sys.modules.items() if name.startswith("harness.") and type(module.__spec__.loader).__module__.startswith("_pytest")]
print(json.dumps([int(status), sorted(by_pytest), sum(name.startswith("harness.") for name in sys.modules)]))
"""


def test_the_engine_is_imported_as_python_does_it(tmp_path: Path) -> None:
    """The package of a plugin is found and compiled by pytest, which costs each process 0.1 s; only the file that prevents it is."""
    (tmp_path / "test_words.py").write_text("def test_words(): assert 1 + 1 == 3\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", REWRITTEN, "--rootdir", str(tmp_path), str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    status, by_pytest, loaded = json.loads(done.stdout.splitlines()[-1])
    assert (status, by_pytest) == (0, ["harness.plugin", "harness.plugin.plain_import"])
    assert loaded > 100, "the engine was loaded"


def test_test_modules_keep_the_words_of_their_assertions(tmp_path: Path) -> None:
    (tmp_path / "test_words.py").write_text("def test_words(): assert 1 + 1 == 3\n", "utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "harness.plugin", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "assert (1 + 1) == 3" in done.stdout


def test_workers_do_without_what_only_the_controller_needs() -> None:
    script = "import json, sys, pytest; import harness.plugin; print(json.dumps(sorted(name for name in sys.modules if name.startswith('harness.'))))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert (
        sorted(loaded & {"harness.plugin.controller", "harness.plugin.engine", "harness.report.matrix", "harness.report.junit", "harness.review.bundle"}) == []
    )


FROZEN = """
import gc, sys
gc.freeze()  # as Python 3.12 does with some objects at its start
import pytest
before = gc.get_freeze_count()
status = pytest.main([*sys.argv[1:], "-q", "-p", "harness.plugin"])
print(int(status), gc.get_freeze_count() > 2 * before)
"""


def test_the_collector_is_eased_also_where_the_interpreter_keeps_objects_from_it(project: Project) -> None:
    project.artifact("native-linux-x64")
    project.scenario("unit/greet", GREET)
    options = ["--scenarios=scenarios", "--artifacts=dist/artifacts.json", "scenarios"]
    done = subprocess.run([sys.executable, "-c", FROZEN, *options], cwd=project.root, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 True", done.stdout


def test_a_finder_that_a_library_adds_while_it_is_imported_stays() -> None:
    class Finder:
        def find_spec(self, *_: object) -> None:
            return None

    finder, before = Finder(), sys.meta_path[:]
    try:
        with without_rewriting():
            assert not [item for item in sys.meta_path if type(item).__module__.startswith("_pytest.")]
            sys.meta_path.append(finder)
        assert sys.meta_path == [*before, finder]
    finally:
        sys.meta_path[:] = before
