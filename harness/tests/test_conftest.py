"""What this checkout's own ``conftest.py`` does for tests in Python, seen in a project that has nothing but it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).resolve().parents[2] / "conftest.py"
GROUPED = """
import os, pathlib, pytest

pytestmark = pytest.mark.xdist_group("together")

@pytest.mark.parametrize("name", ["a]", "@b", "c", "d", "e", "f"])
def test_one(name):
    pathlib.Path("workers").open("a").write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""
SLOW = """
import time
from hypothesis import given, settings, strategies as st

@given(st.integers())
def test_default(value):
    assert settings.default.deadline is None and settings.default.derandomize

@settings(max_examples=1)
@given(st.integers())
def test_slow(value):
    time.sleep(0.3)

@settings(max_examples=50)
@given(st.integers())
def test_same(value):
    with open("values", "a") as file:
        file.write(f"{value} ")
"""


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("CI", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeconftest(CONFTEST.read_text("utf-8"))
    return pytester


def test_a_group_stays_on_one_worker(bare: pytest.Pytester) -> None:
    bare.makepyfile(GROUPED)
    bare.runpytest_subprocess("-n", "2", "--dist", "loadgroup", "-p", "no:anyio", "-p", "no:schemathesis").assert_outcomes(passed=6)
    assert len(set((bare.path / "workers").read_text().split())) == 1


def test_property_tests_have_no_deadline_and_the_same_examples_every_time(bare: pytest.Pytester) -> None:
    bare.makepyfile(SLOW)
    seen = []
    for options in ([], [], ["--hypothesis-seed=other"]):
        found = bare.runpytest_subprocess("-p", "no:anyio", "-p", "no:schemathesis", *options)
        found.assert_outcomes(passed=3 if not options else 2, failed=0 if not options else 1)
        seen.append((bare.path / "values").read_text())
        (bare.path / "values").unlink()
    assert seen[0] == seen[1] != seen[2]
