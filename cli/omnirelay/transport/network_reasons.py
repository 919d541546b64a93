"""Why a server cannot be reached, in words of our own: the C libraries do not agree on theirs, and every artifact has to say the same.

A module of its own, because `errno` costs more to load than an exchange costs to make, and nearly every exchange succeeds.
"""

from __future__ import annotations

import errno

WORDS = {
    errno.ENETUNREACH: "there is no route to its network",
    errno.EHOSTUNREACH: "there is no route to the host",
    errno.EADDRNOTAVAIL: "no local address can reach it",
    errno.ETIMEDOUT: "it does not answer",
    errno.EACCES: "the system does not allow it",
    errno.EPERM: "the system does not allow it",
    errno.EAFNOSUPPORT: "this kind of address is not supported here",
}
