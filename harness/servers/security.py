"""What TLS makes of a server that is about to listen: the scheme of its address, the context of its sockets, and what its ready line tells.

The ready line carries the certificates as PEM, so that whoever started the process can hand them out; the server's own key never leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.model.trust import FIELDS
from harness.servers.tls import Tls

if TYPE_CHECKING:
    import ssl

    from harness.servers.tls_context import ServerCertificate


@dataclass(frozen=True, slots=True)
class Security:
    """How a server listens."""

    scheme: str = "http"
    context: ssl.SSLContext | None = None
    ready: Mapping[str, object] = field(default_factory=dict)
    """What the ready line says beyond the addresses."""
    trust: Mapping[str, bytes] = field(default_factory=dict)


def secured(tls: Tls | None) -> Security:
    """Everything that a server needs to speak TLS as it is told to, freshly made; nothing of it for a server that does not."""
    if tls is None:
        return Security()
    # Imported here because making certificates takes longer to load than a server without them takes to start.
    from harness.servers.certificates import issue
    from harness.servers.tls_context import server_context

    identity = issue(tls)
    ready = {"certificate": identity.certificate.decode("ascii"), **{name: pem.decode("ascii") for name, pem in identity.trust.items()}}
    return Security("https", server_context(tls, identity.certificate, identity.key, identity.trust), {"tls": ready}, identity.trust)


def told(ready: Mapping[str, object]) -> tuple[ServerCertificate | None, Mapping[str, bytes]]:
    """What a ready line tells its reader: what to ask the server with, and what to give to programs. A ``ValueError`` when it is not what it must be."""
    found = ready.get("tls")
    if found is None:
        return None, {}
    if not isinstance(found, Mapping) or found.keys() != {"certificate", *FIELDS} or not all(isinstance(pem, str) for pem in found.values()):
        raise ValueError("tls is told in another form")
    from harness.servers.tls_context import ServerCertificate

    pems = {name: str(pem).encode("ascii") for name, pem in found.items()}
    trust = {name: pems[name] for name in FIELDS}
    return ServerCertificate(pems["certificate"], trust), trust
