"""Both ends of TLS as contexts of the standard library: what a server listens with, and what the harness itself asks a server with.

The harness knows the one certificate that its server shows and accepts that and no other, so that it can also talk to a server whose certificate is
wrong on purpose. Contexts read keys from files only; those are private, and gone once they are read.
"""

from __future__ import annotations

import socket
import ssl
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.servers.tls import Tls

_VERSIONS: Final = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_OLD: Final = "DEFAULT:@SECLEVEL=0"
"""Ciphers and digests that OpenSSL otherwise refuses; nothing speaks 1.1 without them."""


class WrongServer(OSError):
    """Somebody else than the server that was started listens at its address."""


class ServerCertificate:
    """What the harness asks a server with: its own client certificate, and the knowledge of the server's."""

    def __init__(self, certificate: bytes, trust: Mapping[str, bytes]) -> None:
        self._certificate = ssl.PEM_cert_to_DER_cert(certificate.decode("ascii"))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        _speak(self.context, "1.1", "1.3")
        _load(self.context, trust["client-cert"], trust["client-key"])

    def check(self, connection: socket.socket) -> None:
        """Raises ``WrongServer`` unless the connection, one over TLS, leads to the server."""
        assert isinstance(connection, ssl.SSLSocket)
        if connection.getpeercert(binary_form=True) != self._certificate:
            raise WrongServer("another server listens at this address: it shows a certificate that is not the one that was made for it")


def server_context(tls: Tls, certificate: bytes, key: bytes, trust: Mapping[str, bytes]) -> ssl.SSLContext:
    """What a server listens with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _speak(context, tls.version or "1.2", tls.version or "1.3")
    _load(context, certificate, key)
    if tls.client != "none":
        context.verify_mode = ssl.CERT_REQUIRED if tls.client == "required" else ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=trust["ca"].decode("ascii"))
    return context


def _speak(context: ssl.SSLContext, lowest: str, highest: str) -> None:
    if lowest == "1.1":
        context.set_ciphers(_OLD)
    with warnings.catch_warnings():
        # A server that is too old is the point, and the library warns of every mention of an old version.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = _VERSIONS[lowest]
        context.maximum_version = _VERSIONS[highest]


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="tls-") as folder:
        path = Path(folder) / "identity.pem"
        path.write_bytes(key + certificate)
        context.load_cert_chain(path)
