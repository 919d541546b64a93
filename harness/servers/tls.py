"""``tls`` of a server: which certificate it shows, whether it wants one of the client, and which version of the protocol it speaks.

It belongs to the process and not to the world inside: a server with other settings is another process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.servers.scalars import describe, nearest

CERTIFICATES: Final = ("valid", "expired", "not-yet-valid", "wrong-host", "self-signed", "incomplete-chain")
CLIENTS: Final = ("none", "optional", "required")
VERSIONS: Final = ("1.1", "1.2", "1.3")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"certificate": CERTIFICATES, "client": CLIENTS, "version": VERSIONS}
"""The keys of the table, and what each may be."""
_LONGEST: Final = 1000


class TlsError(ValueError):
    """These are no settings for TLS; the text says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How a server speaks TLS."""

    certificate: str = "valid"
    client: str = "none"
    version: str = ""
    """The only version that it speaks; 1.2 and 1.3 when empty."""

    def text(self) -> str:
        """The argument of a server process; equal settings have equal texts."""
        return json.dumps({key: value for key in CHOICES if (value := getattr(self, key))})


def read_tls(value: object) -> Tls:
    """The settings of a value: ``true`` for a server that is as it should be, or a table."""
    if value is True:
        return Tls()
    if not isinstance(value, Mapping):
        raise TlsError(f"tls: expected true or a table, found {describe(value)}")
    for key, item in value.items():
        if key not in CHOICES:
            known = ", ".join(CHOICES)
            raise TlsError(f"tls: unknown key {json.dumps(key)}{nearest(str(key), list(CHOICES)) or f'; known keys are {known}'}")
        if not isinstance(item, str):
            raise TlsError(f"tls: $.{key}: expected text, found {describe(item)}")
        if item not in CHOICES[key]:
            raise TlsError(f"tls: $.{key}: {json.dumps(item[:60])} is none of {', '.join(CHOICES[key])}{nearest(item, list(CHOICES[key]))}")
    return Tls(**value)


def parse_tls(text: str) -> Tls:
    """The settings of an argument: ``true``, or a table as JSON."""
    if len(text) > _LONGEST:
        raise TlsError(f"tls: more than {_LONGEST} characters")
    try:
        return read_tls(json.loads(text))
    except (json.JSONDecodeError, RecursionError):
        raise TlsError('tls: is no JSON; give true, or a table such as {"certificate": "expired"}') from None
