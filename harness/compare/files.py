"""What a step may change on disk: exactly the paths that the scenario lists."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.text import visible
from harness.model.observation import FileDelta
from harness.model.position import Position
from harness.model.step import FilesExpectation
from harness.model.verdict import Finding


def check_files(step: str, expected: FilesExpectation, delta: FileDelta, position: Position) -> Iterator[Finding]:
    """One finding for each list that the scenario gives and the step did not keep. ``changed`` is all three kinds together."""
    actual = {"created": delta.created, "modified": delta.modified, "deleted": delta.deleted}
    everything = tuple(sorted({path for paths in actual.values() for path in paths}))
    for name, wanted in (("created", expected.created), ("modified", expected.modified), ("deleted", expected.deleted), ("changed", expected.changed)):
        found = everything if name == "changed" else actual[name]
        if wanted is None or set(wanted) == set(found):
            continue
        missing, surplus = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
        diff = (*(f"- {visible(path)}" for path in missing), *(f"+ {visible(path)}" for path in surplus))
        yield Finding(step, "files", f"the {name} files are not the expected ones", position, diff, f"files.{name}")
