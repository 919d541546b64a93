"""The files by which a program trusts a TLS server and shows who it is itself: which there are, and where they lie beside the sandbox of a cell."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

FIELDS: Final = ("ca", "client-cert", "client-key")
"""The certificate of the authority, and a client certificate of that authority with its key. ``${NAME.ca}`` is the path of the first."""
FOLDER: Final = "trust"


def trust_file(work: PurePath, server: str, part: str) -> PurePath:
    """Where the file lies: beside the working directory, so that no listing of that shows it."""
    return work.parent / FOLDER / server / f"{part}.pem"


def is_secure(url: str) -> bool:
    """Whether a server at this address has such files."""
    return url.startswith("https://")
