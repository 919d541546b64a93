"""Starts processes as another spawner does, under a perturbation, and knows whether there was any that it touched."""

from __future__ import annotations

from pathlib import Path

from harness.execute.spawner import ProcessEnd, ProcessSpec, Running, Spawner
from harness.faults import SpawnFault
from harness.perturb import mounted
from harness.perturb.base import Environment, Perturbation


class PerturbedSpawner:
    """A ``Spawner``. ``begin`` is called for every cell, ``environment`` when its processes get theirs."""

    def __init__(self, spawner: Spawner, perturbation: Perturbation, workshop: Path) -> None:
        self._spawner = spawner
        self._perturbation = perturbation
        self._workshop = workshop
        self._basis: Environment = {}
        self.touched = False

    def begin(self) -> None:
        self.touched = False

    def environment(self, environment: Environment) -> Environment:
        """What every process of the cell finds unless the scenario says otherwise."""
        self._basis = self._perturbation.environment(environment, self._workshop)
        return self._basis

    def run(self, spec: ProcessSpec) -> ProcessEnd:
        end = self._spawner.run(self._changed(spec))
        said = end.stderr.decode("utf-8", "backslashreplace")
        if end.exit.code == mounted.NOT_STARTED and said.startswith(mounted.PREFIX):
            raise SpawnFault(said.strip())
        return end

    def start(self, spec: ProcessSpec) -> Running:
        return self._spawner.start(self._changed(spec))

    def _changed(self, spec: ProcessSpec) -> ProcessSpec:
        changed = self._perturbation.process(spec, self._basis)
        if changed is None:
            return spec
        self.touched = True
        return changed
