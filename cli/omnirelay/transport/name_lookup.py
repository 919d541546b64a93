"""Looks a host name up, and for no longer than a time limit allows.

The C library's look-up knows no limit and cannot be interrupted, so it happens in a thread of its own. One that is still waiting when the time is over is left
to itself: the process ends soon, and the thread with it. Only names that have to be looked up come here; numeric addresses need no thread.
"""

from __future__ import annotations

import _socket
import _thread

from omnirelay import stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def look_up(host: bytes, port: int, seconds: float) -> list[tuple[int, str]] | None:
    """Family and numeric host of every address, in the order of the system; None when it takes longer than `seconds`, OSError when there is none."""
    stage.allow_threads()
    found: list[Any] = []
    # Held until the look-up is over.
    busy = _thread.allocate_lock()
    busy.acquire()

    def ask() -> None:
        try:
            # As bytes: text would be looked up in the codec registry for IDNA.
            found.append(_socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM))
        except OSError as problem:
            found.append(problem)
        busy.release()

    try:
        _thread.start_new_thread(ask, ())
    except RuntimeError:
        # The system gives no thread: a look-up without a limit is better than none.
        ask()
    if not busy.acquire(True, seconds):
        return None
    if isinstance(found[0], OSError):
        raise found[0]
    return [(family, str(where[0])) for family, _, _, _, where in found[0]]
