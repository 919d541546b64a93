"""The directories of the cell: ``<sandbox>`` is the working directory, ``<home>`` and ``<tmp>`` lie beside it."""

from __future__ import annotations

from harness.normalise.paths import replace_paths
from harness.normalise.subject import Subject


def apply(text: str, subject: Subject) -> str:
    return replace_paths(text, ((str(subject.work), "<sandbox>"), (str(subject.home), "<home>"), (str(subject.tmp), "<tmp>")))
