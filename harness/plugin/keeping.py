"""What a run keeps of a cell for people: the raw bytes of every step, and a capsule to run it again. All below the folder of the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.execute.record import record_of
from harness.model.artifact import Artifact
from harness.model.scenario import Scenario
from harness.model.verdict import CellResult, Verdict
from harness.plugin.failure import capsule_path, raw_path, raw_streams
from harness.plugin.goldens import GoldenStore
from harness.replay.archive import write
from harness.replay.making import capsule_of


@dataclass(frozen=True, slots=True)
class Keeper:
    """Decides what is worth keeping: everything of a cell that is not as it should be, and of the others what was asked for."""

    folder: Path
    scenarios: Path
    program: str
    goldens: GoldenStore
    raw: bool
    """Keep the raw bytes of every cell."""
    capsules: bool
    """Make a capsule of every cell."""

    def keep(self, result: CellResult, scenario: Scenario, artifact: Artifact) -> tuple[str, ...]:
        """The paths of what was written, below the folder."""
        kept: dict[str, None] = {}
        if self.raw or result.verdict in (Verdict.FAILED, Verdict.HARNESS_ERROR):
            kept |= dict.fromkeys(self._raw(result))
        record = record_of(result)
        if record is not None and (self.capsules or result.verdict is Verdict.FAILED):
            name = capsule_path(result)
            write(self.folder / name, capsule_of(result, record, scenario, artifact, self.program, self.scenarios, self.goldens.read))
            kept[name] = None
        return tuple(kept)

    def _raw(self, result: CellResult) -> list[str]:
        """One file for each stream of each step; a step that polls overwrites what it printed before."""
        names = []
        for observation in result.observations:
            for stream, data in raw_streams(observation):
                name = raw_path(result, observation.step, stream)
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                names.append(name)
        return names
