"""The ways a command ends without success. The message of each is one line, without the leading `error: `::

    Failure          exit code 1
    └── TimeLimit    exit code 2: the time limit struck, and nothing else
    StreamFault      standard output or standard error could not be written

Nothing else is raised on purpose; whatever else arrives at the top is reported as an internal error.
"""

from __future__ import annotations


class Failure(Exception):
    """A command could not do its work; the message names what failed, where, and what to do."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TimeLimit(Failure):
    """The time limit given by the operator struck."""

    exit_code = 2


class StreamFault(Exception):
    """Writing to one of the standard streams failed."""

    def __init__(self, descriptor: int, number: int, reason: str) -> None:
        super().__init__(reason)
        self.descriptor = descriptor
        self.number = number
        self.reason = reason
