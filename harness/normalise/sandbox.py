"""The directories of the cell: ``<sandbox>`` is the working directory, ``<home>`` and ``<tmp>`` lie beside it, and so do the files of TLS servers.

Those are ``<ca:plane>``, ``<client-cert:plane>`` and ``<client-key:plane>``.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.model.trust import FIELDS, is_secure, trust_file
from harness.normalise.paths import Replacement, replace_paths
from harness.normalise.subject import Subject


def apply(text: str, subject: Subject) -> str:
    return replace_paths(text, ((str(subject.work), "<sandbox>"), (str(subject.home), "<home>"), (str(subject.tmp), "<tmp>"), *_trust(subject)))


def _trust(subject: Subject) -> Iterator[Replacement]:
    for name, url in subject.servers.items():
        if is_secure(url):
            yield from ((str(trust_file(subject.work, name, part)), f"<{part}:{name}>") for part in FIELDS)
