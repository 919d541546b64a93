"""Running a scenario text against a small shell program, the way the plugin does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.execute.cell import run_cell
from harness.execute.process import LocalSpawner
from harness.execute.sandbox import SandboxRoot
from harness.execute.servers import open_servers
from harness.execute.services import Services
from harness.load.scenarios import load_file
from harness.model.artifact import Artifact
from harness.model.scenario import Scenario
from harness.model.verdict import CellResult

HEAD = 'format = 1\ntitle = "t"\n'
BECOME = 'until [ "$(cat /proc/$!/comm)" = {} ]; do :; done'
"""For a shell: waits until what it has started in the background has become the program of this name, which is when it has its title."""


@dataclass(frozen=True)
class Folder:
    """Goldens as a mapping."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def read(self, key: str) -> str | None:
        return self.texts.get(key)


@dataclass(frozen=True)
class Bench:
    """A place for scenarios and programs, and the services of one process."""

    path: Path
    services: Services

    def program(self, script: str, **facts: object) -> Artifact:
        """A shell program that is the artifact."""
        path = self.path / "program"
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)
        return replace(Artifact("toy-any", "native", "any", path, "", 0, "1.2.3"), **facts)  # type: ignore[arg-type]  # the facts are fields

    def scenario(self, text: str, tier: str = "unit") -> Scenario:
        path = self.path / tier / "toy.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD + text)
        return load_file(path, self.path)

    def run(self, text: str, artifact: Artifact, *, tier: str = "unit", goldens: Mapping[str, str] | None = None) -> list[CellResult]:
        scenario = self.scenario(text, tier)
        services = replace(self.services, goldens=Folder(goldens or {}))
        return [run_cell(scenario, case, artifact, services) for case in scenario.cases]

    def one(self, text: str, artifact: Artifact, *, tier: str = "unit", goldens: Mapping[str, str] | None = None) -> CellResult:
        (result,) = self.run(text, artifact, tier=tier, goldens=goldens)
        return result


@contextmanager
def open_bench(path: Path, *, keep: bool = False) -> Iterator[Bench]:
    with SandboxRoot.create(path, keep=keep) as sandboxes, open_servers() as servers:
        yield Bench(path, Services(servers, Folder(), sandboxes, LocalSpawner(grace=0.5, settle=0.1), keep=keep))
