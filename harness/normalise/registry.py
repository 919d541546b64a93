"""Every filter, in the order in which they work. A new one is one file and one entry here.

All of them are always on. Line ends come first, because the others look at whole words; paths of the sandbox come before those of the artifact,
because a test may keep its artifacts in a sandbox and never the other way round; addresses of servers come last but one, so that no path is
taken for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.normalise import line_ends, program, sandbox, server, version
from harness.normalise.subject import Subject

Filter = Callable[[str, Subject], str]

FILTERS: Final[tuple[tuple[str, Filter], ...]] = (
    ("line-ends", line_ends.apply),
    ("sandbox", sandbox.apply),
    ("program", program.apply),
    ("server", server.apply),
    ("version", version.apply),
)


def decode(raw: bytes) -> str:
    """The text of a stream. Bytes that are not UTF-8 stay visible as ``\\xff``."""
    return raw.decode("utf-8", "backslashreplace")


def normalise(text: str, subject: Subject) -> str:
    """The text after every filter, to the fixed point: what one filter leaves may complete what another one looks for."""
    while True:
        before = text
        for _, apply in FILTERS:
            text = apply(text, subject)
        if text == before:
            return text
