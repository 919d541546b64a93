"""Addresses of leased servers: ``<url:plane>`` for the URL, ``<port:plane>`` for the port behind another spelling of the host.

A bare number is never taken for a port: it may be a value that happens to be equal, and then the output would change from run to run. The one
exception is the word "port" before it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from harness.normalise.subject import Subject

_HOSTS: Final = ("127.0.0.1:", "localhost:", "[::1]:", " port ", " Port ")


def apply(text: str, subject: Subject) -> str:
    for name, url in subject.servers.items():
        port = str(urlsplit(url).port)
        if port in text:
            text = _url(url).sub(f"<url:{name}>", text)
            text = _port(port).sub(f"<port:{name}>", text)
    return text


@lru_cache(maxsize=128)
def _url(url: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(url.rstrip('/'))}(?!\d)")


@lru_cache(maxsize=128)
def _port(port: str) -> re.Pattern[str]:
    # The digits first: the search for a literal is fast even in a text of many megabytes. One look-behind per way in which a host is written.
    hosts = "|".join(rf"(?<={re.escape(host)}{port})" for host in _HOSTS)
    return re.compile(rf"{port}(?:{hosts})(?!\d)")
