"""All assertion kinds of a stream. A new one is one file and one line here."""

from __future__ import annotations

from typing import Any, Final

from harness.compare.base import Kind
from harness.compare.kinds.absent import Absent
from harness.compare.kinds.contains import Contains
from harness.compare.kinds.equals import Equals
from harness.compare.kinds.json_document import JsonDocument
from harness.compare.kinds.lines import Lines
from harness.compare.kinds.matches import Matches
from harness.compare.kinds.same import Same
from harness.compare.kinds.snapshot import Snapshot
from harness.model.step import Assertion

KINDS: Final[tuple[Kind[Any], ...]] = (Equals(), Contains(), Absent(), Matches(), Lines(), Same(), Snapshot(), JsonDocument())
_BY_TYPE: Final = {kind.spec_type: kind for kind in KINDS}


def kind_of(assertion: Assertion) -> Kind[Any]:
    return _BY_TYPE[type(assertion)]
