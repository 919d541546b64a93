"""What a terminal shows, normalised: it breaks lines wherever its edge is, also in the middle of an address or a path.

The line end that the terminal put in stands behind the placeholder then. Whether it was the terminal is told by what the program wrote: an address that
never stood there in one piece was broken by the program, and that is seen. No row is added or lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from harness.model.trust import FIELDS, is_secure, trust_file
from harness.normalise.registry import decode, normalise
from harness.normalise.subject import Subject

_HOSTS = ("127.0.0.1:", "localhost:", "[::1]:")


def normalise_screen(screen: str, written: bytes, subject: Subject) -> str:
    """The text of a screen after every filter; ``written`` is all that came over the terminal."""
    return normalise(_mended(screen, written, subject) if "\n" in screen.rstrip("\n") else screen, subject)


def _mended(screen: str, written: bytes, subject: Subject) -> str:
    said = decode(written)
    # The longest first: an address is a part of a longer one, a folder of a path.
    for value in sorted({value for value in _values(subject) if value in said}, key=lambda value: (-len(value), value)):
        screen = _broken(value).sub(_whole, screen)
    return screen


def _values(subject: Subject) -> Iterator[str]:
    """What filters look for."""
    yield from (str(subject.work), str(subject.home), str(subject.tmp), str(subject.artifact.path))
    for name, url in subject.servers.items():
        yield url.rstrip("/")
        yield from (f"{host}{urlsplit(url).port}" for host in _HOSTS)
        if is_secure(url):
            yield from (str(trust_file(subject.work, name, part)) for part in FIELDS)


@lru_cache(maxsize=128)
def _broken(value: str) -> re.Pattern[str]:
    """The value with line ends in it; not the beginning of a longer one."""
    return re.compile("\n?".join(map(re.escape, value)) + ("(?!\\d)" if value[-1].isdigit() else ""))


def _whole(match: re.Match[str]) -> str:
    found = match.group()
    return found.replace("\n", "") + "\n" * found.count("\n")
