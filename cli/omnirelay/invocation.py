"""Runs one verb with its bound values; every way to fail becomes one line and an exit code.

The native program starts here: its arguments were read before there was an interpreter. So nothing here, and nothing that is
reached from here, knows grammar or help pages.
"""

from __future__ import annotations

from omnirelay import _build, system
from omnirelay._generated import verbs
from omnirelay.faults import Failure, StreamFault
from omnirelay.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_BROKEN_PIPE = 32


def run(path: str, values: dict[str, Any]) -> int:
    """Does the work of the verb at `path` and returns the exit code. Never raises."""
    session = new_session()
    return guarded(session, lambda: int(verbs.command(path)(session, **values)))


def new_session() -> Session:
    """The session of this build."""
    return Session(_build.KIND, verbs.PARSER_HASH)


def guarded(session: Session, work: Callable[[], int]) -> int:
    """Runs `work`; every way to fail becomes one line on standard error and an exit code."""
    try:
        try:
            return work()
        except Failure as failure:
            session.err("error: " + failure.message + "\n")
            _explain(session, failure)
            return failure.exit_code
        except StreamFault as fault:
            if fault.number != _BROKEN_PIPE and fault.descriptor == system.STDOUT:
                session.err("error: standard output could not be written: " + fault.reason + ".\n")
            return 1
        except Exception as problem:  # the last net: a defect must not become a traceback for an operator
            name = type(problem).__name__
            session.err(f"error: internal error: {name}: {problem}. Set OMNIRELAY_DEBUG=1 to see where, and report it.\n")
            _explain(session, problem)
            return 1
    except StreamFault:
        return 1


def _explain(session: Session, problem: Exception) -> None:
    if system.variable("OMNIRELAY_DEBUG") == "1":
        from omnirelay.debug import trace

        session.err(trace(problem))
