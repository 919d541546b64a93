"""What can go wrong while a ledger is taken or read. None of these is a verdict over an artifact."""

from __future__ import annotations


class StartupError(Exception):
    """The ledger could not be taken, read or written; the text says what failed, where, and what to do."""


class ToolMissingError(StartupError):
    """valgrind, strace or setarch is not installed here, or the kernel refuses what it needs."""
