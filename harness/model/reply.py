"""The answer of a server to a request that the harness itself sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered to a request of the harness."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
