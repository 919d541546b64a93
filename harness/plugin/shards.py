"""``--shard i/n``: runs one part of what is selected and deselects the rest, last of all, so that every other selection has been made.

Cells are deselected and not left uncollected: whether a golden is used is known from the whole tree, so each shard still finds those that nobody uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from harness.plugin.division import divide
from harness.plugin.items import ScenarioItem
from harness.plugin.settings import Settings
from harness.report.durations import DurationsError, read_durations
from harness.report.merge import digest


@dataclass(frozen=True, slots=True)
class Whole:
    """What was selected before it was divided, and how much of it other shards run."""

    cells: int
    sha256: str
    elsewhere: int


WHOLE = pytest.StashKey[Whole]()


class Shards:
    """The hook of every process that collects."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        shard = self._settings.shard
        if shard is None:
            return
        try:
            durations = read_durations(self._settings.durations) if self._settings.durations else {}
        except DurationsError as error:
            raise pytest.UsageError(str(error)) from None
        cells = [item for item in items if isinstance(item, ScenarioItem)]
        cases: dict[tuple[str, str], list[str]] = {}
        for item in cells:
            cases.setdefault(_case(item), []).append(item.artifact.id)
        parts = divide(cases, durations, shard.of)
        drop = [item for item in cells if parts[_case(item)] != shard.index]
        identities = ((*_case(item), item.artifact.id) for item in cells)
        config.stash[WHOLE] = Whole(len(cells), digest(identities), len(drop))
        if drop:
            gone = set(map(id, drop))
            items[:] = [item for item in items if id(item) not in gone]
            config.hook.pytest_deselected(items=drop)


def _case(item: ScenarioItem) -> tuple[str, str]:
    return (item.scenario.id, item.case.id)
