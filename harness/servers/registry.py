"""The kinds of servers that a scenario can ask for. A new kind is a module that keeps the process contract, and one line here.

The process contract: ``python -m MODULE --port 0 --admin-port 0 --exit-with-stdin`` prints one JSON line
``{"format": 1, "ready": true, "url": …, "admin": …, "pid": …}`` when it serves, ends at the end of its standard input, and answers
``POST /reset``, ``POST /again`` (the same without the data, which stays), ``GET /requests``, ``GET /changes`` (those of them that changed what it
holds) and ``GET /traffic`` on the admin port. With ``--tls SETTINGS`` (``harness.servers.tls``) it speaks TLS on the
public port and adds the certificates to that line (``harness.servers.security``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.servers.scalars import nearest


class UnknownServerKind(LookupError):
    """No kind of server has this name."""


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A kind of server and the module that is its process."""

    name: str
    module: str
    about: str


_KINDS: Final = (ServerKind("control-plane", "harness.servers.control_plane", "the reference control plane of OmniRelay"),)
KINDS: Final = {kind.name: kind for kind in _KINDS}


def find(name: str) -> ServerKind:
    """The kind called ``name``."""
    kind = KINDS.get(name)
    if kind is None:
        raise UnknownServerKind(f'no kind of server is called "{name}"{nearest(name, list(KINDS))} (known: {", ".join(KINDS)})')
    return kind
