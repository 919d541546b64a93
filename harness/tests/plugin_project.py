"""A small checkout of its own for tests of the plugin: programs, a scenario tree, and a whole run of pytest in it.

The inner run shares the process of the test (a process of its own would cost half a second each time); ``run_parallel`` brings real workers, and the
replay test a real shell.
"""

from __future__ import annotations

import hashlib
import json
import os
import textwrap
from pathlib import Path

import pytest

from harness.report.events import Run, read

ECHO = """\
#!/bin/sh
case "$1" in
  --version) echo 1.0.0 ;;
  *) echo "$@" ;;
esac
"""
"""Prints its arguments, and its version when asked."""

GREET = """\
format = 1
title = "It prints its arguments"

[[case]]
id = "one"
word = "hello"

[[case]]
id = "two"
word = "good day"

[[step]]
id = "greet"
run = ["${case.word}"]
stdout.equals = "${case.word}\\n"
"""
"""Two cases that ``ECHO`` passes."""

RECORDED = """\
format = 1
title = "It prints a recorded text"

[[step]]
id = "first"
run = ["first"]
stdout.snapshot = true

[[step]]
id = "second"
run = ["second"]
stdout.snapshot = true
"""
"""One case with two goldens."""


class Project:
    """The folder in which the inner pytest runs."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.root = pytester.path
        self._entries: dict[str, dict[str, object]] = {}
        (self.root / "scenarios").mkdir()
        # The other plugins of the environment cost half a second of every run and have no part in it.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        # What the outer run is, the inner one must not take for its own.
        for name in ("CI", "GITHUB_STEP_SUMMARY", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
            monkeypatch.delenv(name, raising=False)
        self.environment = monkeypatch

    def artifact(self, identity: str, script: str = ECHO, **entry: object) -> Path:
        """Publish a program; ``artifacts.json`` is written anew."""
        kind, _, target = identity.partition("-")
        path = self.root / "dist" / identity / "tool"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(script), "utf-8")
        path.chmod(0o755)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        plain: dict[str, object] = {
            "id": identity,
            "kind": kind,
            "target": target,
            "path": f"{identity}/tool",
            "sha256": digest,
            "size": path.stat().st_size,
            "version": "1.0.0",
        }
        self._entries[identity] = {**plain, **entry}
        document = {"format": 1, "program": "tool", "reference": next(iter(self._entries)), "artifacts": list(self._entries.values())}
        (self.root / "dist" / "artifacts.json").write_text(json.dumps(document), "utf-8")
        return path

    def installed(self, name: str, program: Path, **entry: object) -> None:
        """List a program of this machine as the only artifact of ``<name>.json``."""
        program = program.resolve()
        plain: dict[str, object] = {
            "id": "debian-any",
            "kind": "debian",
            "target": "any",
            "path": str(program),
            "sha256": hashlib.sha256(program.read_bytes()).hexdigest(),
            "size": program.stat().st_size,
            "version": "",
        }
        document = {"format": 1, "program": name, "reference": "debian-any", "artifacts": [{**plain, **entry}]}
        self.file(f"{name}.json", json.dumps(document))

    def scenario(self, name: str, text: str) -> Path:
        return self.file(f"scenarios/{name}.toml", text)

    def file(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def golden(self, key: str) -> str | None:
        path = self.root / "snapshots" / key
        return path.read_bytes().decode("utf-8") if path.exists() else None

    def run(self, *arguments: str | os.PathLike[str]) -> pytest.RunResult:
        return self.pytester.runpytest_inprocess("-p", "syrupy", "-p", "harness.plugin", "-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments)

    def run_parallel(self, *arguments: str) -> pytest.RunResult:
        return self.run("-p", "xdist.plugin", "-n", "2", *arguments)

    def events(self) -> Run:
        return read(self.root / ".harness" / "last" / "events.jsonl")

    def verdicts(self) -> dict[str, str]:
        """``scenario::case[artifact]`` to verdict."""
        return {f"{cell.scenario}::{cell.case}[{cell.artifact}]": cell.verdict.value for cell in self.events().cells}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(pytester, monkeypatch)
