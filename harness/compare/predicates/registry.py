"""All predicates of ``json.check``. A new one is one file and one line here."""

from __future__ import annotations

from typing import Final

from harness.compare.predicates.absent import Absent
from harness.compare.predicates.after import After
from harness.compare.predicates.base import Predicate
from harness.compare.predicates.distinct import Distinct
from harness.compare.predicates.equals import Equals
from harness.compare.predicates.length import Length
from harness.compare.predicates.matches import Matches
from harness.compare.predicates.schema import Schema
from harness.compare.predicates.sorting import Sorted
from harness.compare.predicates.within import Within

PREDICATES: Final[tuple[Predicate, ...]] = (Equals(), Absent(), Length(), Distinct(), Within(), Matches(), After(), Sorted(), Schema())
_BY_NAME: Final = {item.name: item for item in PREDICATES}


def predicate(name: str) -> Predicate:
    return _BY_NAME[name]
