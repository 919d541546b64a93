"""What a cell leaves for a replay besides its observations: its surroundings, and what passed between it and its servers.

Taken before the servers go back to the pool, and only of cells that somebody will want to run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.model.traffic import Traffic
from harness.model.verdict import CellResult
from harness.normalise.subject import Subject

DETAIL: Final = "record"
"""The key under which a result carries its record in ``details``."""


@dataclass(frozen=True, slots=True)
class CellRecord:
    """The surroundings of a cell that has ended."""

    subject: Subject
    environment: Mapping[str, str]
    """What every process of the cell found in its environment; steps may have added to it."""
    traffic: Traffic


def record_of(result: CellResult) -> CellRecord | None:
    """The record of a result; None when none was taken."""
    record = result.details.get(DETAIL)
    return record if isinstance(record, CellRecord) else None
