"""One request of the harness's own to the public port of a server, on a connection of its own."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from harness.faults import ServerFault
from harness.model.reply import Reply

if TYPE_CHECKING:
    from harness.servers.tls_context import ServerCertificate

_SECONDS: Final = 60.0


class ServerError(ServerFault):
    """Something about a server went wrong; the message says which server and what to do."""


class ServerGone(ServerError):
    """The server has ended or does not answer."""


def ask(url: str, name: str, method: str, path: str, body: bytes | None, headers: Mapping[str, str], certificate: ServerCertificate | None = None) -> Reply:
    """The answer of the server called ``name`` at ``url``, over TLS when its certificate is given."""
    connection = _connection(url, certificate)
    try:
        connection.connect()
        if certificate is not None:
            certificate.check(connection.sock)
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return Reply(response.status, tuple(response.getheaders()), response.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ServerGone(f"server {name} gave no answer to {method} {path}: {type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _connection(url: str, certificate: ServerCertificate | None) -> http.client.HTTPConnection:
    public = urlsplit(url)
    host = public.hostname or ""
    if certificate is None:
        return http.client.HTTPConnection(host, public.port, timeout=_SECONDS)
    return http.client.HTTPSConnection(host, public.port, timeout=_SECONDS, context=certificate.context)
