"""The artifact is a program of this host and is started as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.model.artifact import Artifact

_PLATFORM = re.compile(r"(linux|win|macos)-(x64|arm64)")


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Serves the host's own target, and every target that does not name a platform (scripts and other portable programs)."""

    name: str = "local"
    lacks: frozenset[str] = frozenset()

    def serves(self, target: str, host: str) -> bool:
        return target == host or _PLATFORM.fullmatch(target) is None

    def argv(self, artifact: Artifact, arguments: Sequence[str]) -> tuple[str, ...]:
        return (str(artifact.path), *artifact.prefix, *arguments)
