"""The version of the artifact, ``<version>``, in the output of a step that asks for it: a release must not have to change goldens."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.normalise.subject import Subject


def apply(text: str, subject: Subject) -> str:
    version = subject.artifact.version
    if not version or version not in text or not subject.asks_for_version:
        return text
    return _pattern(version).sub("<version>", text)


@lru_cache(maxsize=64)
def _pattern(version: str) -> re.Pattern[str]:
    # "v1.2.3" and "1.2.3." count, "11.2.3", "1.2.3.4", "1.2.3-rc1" and "1.2.3+build" are other versions.
    return re.compile(rf"(?<![\d.<]){re.escape(version)}(?![\w+-]|\.\w)")
